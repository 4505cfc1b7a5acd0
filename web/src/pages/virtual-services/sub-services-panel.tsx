import { Button, Group, Modal, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import type { ContentRule } from '../../../../server/schema/content-rule.ts';
import { titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useContentRules, useServers, useServiceStatus } from '../../api/queries.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { count, rate } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { ErrorPanel } from '../../parts/states.tsx';
import { labelOf, valueWords } from '../../parts/value.ts';
import { useMay } from '../../shell/session.tsx';
import { ServiceMenu } from './service-menu.tsx';

/** The SubVSs of a service: how each does, which rules lead there. A row opens the SubVS. */
export function SubServicesPanel({ vs, subs }: { vs: VirtualService; subs: VirtualService[] }) {
  const navigate = useNavigate();
  const administrator = useMay('administrator');
  const rules = useContentRules();
  const [adding, setAdding] = useState(false);
  return (
    <div id="sub-services">
      <Panel title="SubVSs" aside={administrator && <AddButton onClick={() => setAdding(true)} />}>
        <DataTable
          label="SubVSs"
          rows={subs}
          columns={columnsOf(vs, rules.data ?? [])}
          idOf={sub => sub.id}
          onOpen={sub => navigate(`/virtual-services/${sub.id}`)}
        />
      </Panel>
      {adding && <AddSubService vs={vs} onClose={() => setAdding(false)} />}
    </div>
  );
}

/** For a service that has neither SubVSs nor Real Servers: the other way to begin. */
export function FirstSubService({ vs }: { vs: VirtualService }) {
  const [adding, setAdding] = useState(false);
  return (
    <>
      <Group gap="xs" mb="sm">
        <span className="quiet">
          Or split it: a SubVS has Real Servers, scheduling and checks of its own, and content rules choose among
          SubVSs.
        </span>
        <Button size="compact-xs" variant="default" onClick={() => setAdding(true)}>
          Add SubVS
        </Button>
      </Group>
      {adding && <AddSubService vs={vs} onClose={() => setAdding(false)} />}
    </>
  );
}

function AddButton({ onClick }: { onClick: () => void }) {
  return (
    <Button size="compact-xs" variant="default" leftSection={<IconPlus size={13} />} onClick={onClick}>
      Add SubVS
    </Button>
  );
}

function AddSubService({ vs, onClose }: { vs: VirtualService; onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const create = useMutate('createSubService', { done: `Added a SubVS to ${titleOf(vs)}`, quiet: true });
  const add = async (event: FormEvent) => {
    event.preventDefault();
    // Checked and scheduled as the parent would have done it.
    const { scheduling, checkType, checkUrl, checkHost, reencrypt } = vs;
    const body = { name, scheduling, checkType, checkUrl, checkHost, reencrypt };
    const reply = await create.run({ params: { id: vs.id }, body });
    if (!reply) return;
    onClose();
    if (reply.object) navigate(`/virtual-services/${reply.object.id}`);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Add a SubVS to “${titleOf(vs)}”`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={add}>
        <TextInput
          label={labelOf('virtualService', 'name')}
          description="It begins with the scheduling and the health check of its parent and has no Real Server yet."
          value={name}
          maxLength={64}
          onChange={event => setName(event.currentTarget.value)}
          data-autofocus
        />
        {create.problem && <ErrorPanel what="No SubVS was added" error={create.problem} />}
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.busy}>
            Add This SubVS
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

const columnsOf = (vs: VirtualService, rules: readonly ContentRule[]): Column<VirtualService>[] => [
  { key: 'state', title: 'State', width: '108px', render: sub => <State id={sub.id} /> },
  {
    key: 'name',
    title: 'Name',
    sort: nameOf,
    render: sub => <strong className="row-name">{nameOf(sub)}</strong>,
  },
  ...(vs.contentSwitching
    ? [{ key: 'rules', title: 'Rules', render: (sub: VirtualService) => <RuleNames of={sub} rules={rules} /> }]
    : []),
  {
    key: 'scheduling',
    title: labelOf('virtualService', 'scheduling'),
    width: '190px',
    render: sub => valueWords('virtualService', 'scheduling', sub.scheduling, () => undefined),
  },
  { key: 'weight', title: 'Weight', width: '78px', align: 'right', sort: sub => sub.subWeight, render: weightOf(vs) },
  { key: 'servers', title: 'Servers', width: '74px', align: 'right', render: sub => <Servers id={sub.id} /> },
  { key: 'connections', title: 'Connections', width: '102px', align: 'right', render: sub => <Load id={sub.id} /> },
  { key: 'acts', title: 'Operation', width: '84px', align: 'right', render: sub => <ServiceMenu vs={sub} /> },
];

const nameOf = (sub: VirtualService) => sub.name || `SubVS ${sub.id}`;

const weightOf = (vs: VirtualService) => (sub: VirtualService) => (
  <span className={`figure${vs.scheduling.startsWith('weighted') ? '' : ' quiet'}`}>{count(sub.subWeight)}</span>
);

/** What leads to a SubVS or Real Server: its rules by name, and whether it is the default. */
function RuleNames({
  of,
  rules,
}: {
  of: Pick<VirtualService, 'rules' | 'defaultRule'>;
  rules: readonly ContentRule[];
}) {
  const names = [
    ...of.rules.map(id => rules.find(rule => rule.id === id)?.name ?? `number ${id}`),
    ...(of.defaultRule ? ['default'] : []),
  ];
  if (names.length === 0) return <span className="quiet">none: gets nothing</span>;
  return <span title={names.join('\n')}>{names.join(', ')}</span>;
}

function State({ id }: { id: number }) {
  return <StateBadge state={useServiceStatus(id)?.state ?? 'pending'} />;
}

function Servers({ id }: { id: number }) {
  const status = useServiceStatus(id);
  const all = useServers(id).data?.length ?? 0;
  return all === 0 ? (
    <span className="quiet">none</span>
  ) : (
    <span className="figure">
      {status?.serversUp ?? '–'}/{all}
    </span>
  );
}

function Load({ id }: { id: number }) {
  const status = useServiceStatus(id);
  return (
    <span className="figure">
      {status ? count(status.connections) : '–'} <span className="quiet">{status && rate(status.requestRate)}</span>
    </span>
  );
}
