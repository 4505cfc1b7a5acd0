import { Button, Group, Modal, Stack } from '@mantine/core';
import { type FormEvent, useMemo } from 'react';
import { emptyConfig } from '../../../../server/schema/config.ts';
import { fill } from '../../../../server/schema/derive.ts';
import type { Fault } from '../../../../server/schema/faults.ts';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint, problemsOf, titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useMutate } from '../../api/mutate.tsx';
import { Field } from '../../form/field.tsx';
import { useForm } from '../../form/use-form.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import '../../form/form.css';

interface Props {
  vs: VirtualService;
  servers: readonly RealServer[];
  /** Left out: a new one. */
  rs?: RealServer;
  onClose: () => void;
}

const NAMES = ['address', 'port', 'weight', 'connectionLimit', 'state'] as const;
/** No object has this number: a server that is not stored yet. */
const NEW = 0;

/** Adds a Real Server, or modifies one. */
export function ServerForm({ vs, servers, rs, onClose }: Props) {
  const begin = useMemo<RealServer>(
    () => rs ?? fill('realServer', { id: NEW, virtualService: vs.id, address: '', port: servers[0]?.port ?? vs.port }),
    [rs, vs, servers],
  );
  const rules = useMemo(() => rulesOf(vs, servers), [vs, servers]);
  const form = useForm('realServer', begin, rules);
  const name = rs && endpoint(rs.address, rs.port);
  const create = useMutate('createRealServer', {
    done: () => `Added ${endpoint(form.value.address, form.value.port)} to ${titleOf(vs)}`,
    quiet: true,
  });
  const modify = useMutate('patchRealServer', { done: `Modified ${name}`, quiet: true });
  const problem = create.problem ?? modify.problem;
  // An empty address of a new server is no fault to point at before it is typed.
  const untouched = !rs && !form.changed.includes('address');

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const { address, port, weight, connectionLimit, state } = form.value;
    const body = { address, port, weight, connectionLimit, state };
    const reply = rs
      ? await modify.run({ params: { id: rs.id }, body: form.patch })
      : await create.run({ params: { id: vs.id }, body });
    if (reply) onClose();
  };

  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={name ? `Real Server ${name} of “${titleOf(vs)}”` : `Add a Real Server to “${titleOf(vs)}”`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={save}>
        <Stack gap={4} className="dialog-fields">
          {NAMES.map(each => (
            <Field
              key={each}
              form={untouched && each === 'address' ? { ...form, faultOf: () => undefined } : form}
              name={each}
              fresh={!rs}
            />
          ))}
        </Stack>
        {problem && <ErrorPanel what={rs ? 'Nothing was changed' : 'No server was added'} error={problem} />}
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={create.busy || modify.busy}
            disabled={form.invalid !== undefined || (rs !== undefined && form.changed.length === 0)}
          >
            {rs ? 'Save' : 'Add This Real Server'}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** The schema's rules for one server beside the others of its service. */
function rulesOf(vs: VirtualService, servers: readonly RealServer[]): (candidate: RealServer) => Fault[] {
  const facts = { managementPort: Number(window.location.port) || 443, loopback: true };
  return candidate =>
    problemsOf(
      {
        ...emptyConfig(),
        virtualServices: [vs],
        realServers: [...servers.filter(rs => rs.id !== candidate.id), candidate],
      },
      facts,
    )
      .filter(problem => problem.kind === 'realServer' && problem.id === candidate.id)
      .map(problem => problem.fault);
}
