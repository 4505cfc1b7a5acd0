import { Button, Group } from '@mantine/core';
import { useMemo, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { fill } from '../../../../server/schema/derive.ts';
import type { CertificateView, NewVirtualService } from '../../../../server/schema/endpoints.ts';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { call } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { Field } from '../../form/field.tsx';
import { SchemaForm } from '../../form/schema-form.tsx';
import { useForm } from '../../form/use-form.ts';
import { useLeaveGuard } from '../../form/use-leave-guard.tsx';
import { useOpenBars } from '../../form/use-open-bars.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ErrorPanel } from '../../parts/states.tsx';
import { NewCertificate } from '../certificates/new-certificate.tsx';
import { type Handling, handlingOf, plans, planWords, serverPortOf, settingsOf } from './add-plan.ts';
import { certificateChoices } from './certificate-choices.ts';
import { HandlingChoice } from './handling-choice.tsx';
import { readServerLines } from './server-lines.ts';
import { ServerLinesInput } from './server-lines-input.tsx';
import { rulesFor, serviceNeeds } from './service-rules.ts';
import { serverTlsNeeds } from './tls-needs.ts';
import { useTlsChoices } from './use-tls-choices.ts';

/** No object has this number: a service that is not stored yet. */
const NEW = 0;
const FIRST = ['address', 'port', 'name', 'certificates'];
const UNTYPED = new Set(['address', 'port', 'certificates']);

interface Props {
  services: readonly VirtualService[];
  certificates: readonly CertificateView[];
}

export function AddForm({ services, certificates }: Props) {
  const navigate = useNavigate();
  const bars = useOpenBars('virtualService');
  const [chosen, setChosen] = useState<Handling>();
  const [port, setPort] = useState<number | ''>('');
  const [lines, setLines] = useState('');
  const [reviewing, setReviewing] = useState(false);
  const saved = useRef(false);

  const known = typeof port === 'number' && port > 0;
  const handling = chosen ?? handlingOf(known ? port : 0);
  // What the port suggests is the ground; edits lie over it and stay when the port changes.
  const suggested = useMemo<VirtualService>(
    () => fill('virtualService', { id: NEW, address: '', port: '' as never, ...settingsOf(handling, Number(port)) }),
    [handling, port],
  );
  const rules = useMemo(() => rulesFor(NEW, services, certificates), [services, certificates]);
  const form = useForm('virtualService', suggested, rules);
  const tlsChoices = useTlsChoices(certificates);
  const vs = form.value;
  const typedPort = vs.port as number | '';
  if (typedPort !== port) setPort(typedPort);

  const servers = readServerLines(lines, serverPortOf(handling, Number(port) || 80));
  const faulty = servers.some(line => line.fault);
  const create = useMutate('createVirtualService', {
    done: `Added ${vs.name || endpoint(vs.address, vs.port)}`,
    quiet: true,
  });
  const dirty = form.changed.length > 0 || lines.trim() !== '';
  const guard = useLeaveGuard(dirty && !saved.current ? Math.max(1, form.changed.length) : 0, 'entry');

  const choose = (next: Handling) => {
    // Choosing a handling means its settings, not what was set by hand before.
    for (const name of Object.keys(plans[next].settings)) form.revert(name);
    setChosen(next);
  };
  const body = (): NewVirtualService => {
    const { id: _, ...settings } = vs;
    return { ...settings, realServers: servers.flatMap(line => line.server ?? []) };
  };
  const add = async () => {
    saved.current = true;
    const reply = await create.run({ body: body() });
    if (reply?.object) navigate(`/virtual-services/${reply.object.id}`);
    else saved.current = false;
    return reply;
  };

  // What was not typed yet is no fault to point at.
  const gentle = {
    ...form,
    faultOf: (name: string) => (UNTYPED.has(name) && !form.changed.includes(name) ? undefined : form.faultOf(name)),
  };
  const fields = { form: gentle, needs: serviceNeeds, fresh: true };
  const missing = form.invalid ?? (faulty ? 'Correct the list of Real Servers first.' : undefined);

  return (
    <>
      <Panel title="Virtual Service">
        <div className="panel-fields">
          <Field {...fields} name="address" />
          <Field {...fields} name="port" />
          <HandlingChoice value={known ? handling : chosen} onChange={choose} guessed={chosen === undefined} />
          <Field {...fields} name="name" />
          {vs.tls && (
            <Field
              {...fields}
              name="certificates"
              choices={certificateChoices(certificates)}
              more={
                <NewCertificate
                  suggested={vs.name || vs.address}
                  onMade={id => form.set({ certificates: [...vs.certificates, id] })}
                />
              }
            />
          )}
          <ServerLinesInput
            value={lines}
            onChange={setLines}
            lines={servers}
            standardPort={serverPortOf(handling, Number(port) || 80)}
            fault={create.problem?.at?.startsWith('/realServers') ? create.problem.message : undefined}
          />
        </div>
        <div className="plan-line" role="status">
          {known ? planWords(vs) : 'Give address and port to see what will be made.'}
        </div>
      </Panel>
      <SchemaForm
        form={gentle}
        needs={{ ...serviceNeeds, ...serverTlsNeeds(vs) }}
        choices={{
          ...tlsChoices,
          followService: [{ id: 0, label: 'None' }, ...services.map(each => ({ id: each.id, label: titleOf(each) }))],
        }}
        without={FIRST}
        fresh
        open={bars.open}
        onToggle={bars.toggle}
      />
      {create.problem && <ErrorPanel what="No service was added" error={create.problem} />}
      <Group gap="xs" mt="md" className="save-bar">
        <span className="quiet">{dirty ? missing : ''}</span>
        <Button ml="auto" variant="default" component={Link} to="/virtual-services">
          Cancel
        </Button>
        <Button variant="default" disabled={missing !== undefined} onClick={() => setReviewing(true)}>
          Review
        </Button>
        <Button loading={create.busy} disabled={missing !== undefined} onClick={() => void add()}>
          Add this Virtual Service
        </Button>
      </Group>
      <ConfirmDialog
        opened={reviewing}
        onClose={() => setReviewing(false)}
        title="What will be made"
        act="Add this Virtual Service"
        preview={() => call('createVirtualService', { body: body(), dryRun: true })}
        run={add}
      >
        <p>{planWords(vs)}</p>
      </ConfirmDialog>
      {guard}
    </>
  );
}
