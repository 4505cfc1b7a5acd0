import { Button, Group, Modal, Stack } from '@mantine/core';
import { type FormEvent, useMemo } from 'react';
import { emptyConfig } from '../../../../server/schema/config.ts';
import type { ContentRule } from '../../../../server/schema/content-rule.ts';
import { fill } from '../../../../server/schema/derive.ts';
import type { Fault } from '../../../../server/schema/faults.ts';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint, problemsOf, titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useContentRules, useServers, useServices } from '../../api/queries.ts';
import type { Choice } from '../../form/controls.tsx';
import { Field } from '../../form/field.tsx';
import { useForm } from '../../form/use-form.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import { ruleChoices } from '../content-rules/rule-words.ts';
import '../../form/form.css';

interface Props {
  vs: VirtualService;
  servers: readonly RealServer[];
  /** Left out: a new one. */
  rs?: RealServer;
  /** Only these properties: what else there is stays. */
  names?: readonly (keyof RealServer)[];
  onClose: () => void;
}

const NAMES = ['address', 'port', 'weight', 'connectionLimit', 'state', 'critical', 'follow'] as const;
/** What counts with Content Switching only. */
export const RULE_NAMES = ['rules', 'defaultRule'] as const;
const NO_RULES: ContentRule[] = [];
/** No object has this number: a server that is not stored yet. */
const NEW = 0;

/** Adds a Real Server, or modifies one. */
export function ServerForm({ vs, servers, rs, names, onClose }: Props) {
  const begin = useMemo<RealServer>(
    () => rs ?? fill('realServer', { id: NEW, virtualService: vs.id, address: '', port: servers[0]?.port ?? vs.port }),
    [rs, vs, servers],
  );
  const everybody = useServers().data ?? servers;
  const services = useServices().data ?? [vs];
  const contentRules = useContentRules().data ?? NO_RULES;
  const ruleNames = useMemo(() => ruleChoices(contentRules, 'match'), [contentRules]);
  const rules = useMemo(() => rulesOf(vs, servers, everybody, contentRules), [vs, servers, everybody, contentRules]);
  const shown = names ?? (vs.contentSwitching ? [...NAMES, ...RULE_NAMES] : NAMES);
  const leaders = useMemo(() => leadersFor(rs?.id ?? NEW, everybody, services), [rs, everybody, services]);
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
    const { id: _, virtualService: __, ...body } = form.value;
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
          {shown.map(each => (
            <Field
              key={each}
              form={untouched && each === 'address' ? { ...form, faultOf: () => undefined } : form}
              name={each}
              fresh={!rs}
              choices={each === 'follow' ? leaders : each === 'rules' ? ruleNames : []}
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
function rulesOf(
  vs: VirtualService,
  servers: readonly RealServer[],
  everybody: readonly RealServer[],
  contentRules: ContentRule[],
): (candidate: RealServer) => Fault[] {
  const byId = new Map(everybody.map(rs => [rs.id, rs]));
  const facts = { managementPort: Number(window.location.port) || 443, loopback: true };
  return candidate =>
    problemsOf(
      {
        ...emptyConfig(),
        contentRules,
        virtualServices: [vs],
        realServers: [...servers.filter(rs => rs.id !== candidate.id), ...followed(candidate, vs, byId), candidate],
      },
      facts,
    )
      .filter(problem => problem.kind === 'realServer' && problem.id === candidate.id)
      .map(problem => problem.fault);
}

/** Servers of other services along the chain of whom a server follows. */
function followed(of: RealServer, vs: VirtualService, byId: ReadonlyMap<number, RealServer>): RealServer[] {
  const chain = new Map<number, RealServer>();
  for (let at = byId.get(of.follow); at && !chain.has(at.id); at = byId.get(at.follow)) chain.set(at.id, at);
  return [...chain.values()].filter(rs => rs.virtualService !== vs.id && rs.id !== of.id);
}

/** Whose health a server may have: its own, or that of any other. */
function leadersFor(id: number, everybody: readonly RealServer[], services: readonly VirtualService[]): Choice[] {
  const titles = new Map(services.map(vs => [vs.id, titleOf(vs)]));
  return [
    { id: 0, label: 'This server itself' },
    ...everybody
      .filter(rs => rs.id !== id)
      .map(rs => ({ id: rs.id, label: `${endpoint(rs.address, rs.port)} of ${titles.get(rs.virtualService) ?? '?'}` })),
  ];
}
