import { ActionIcon, Button, Group } from '@mantine/core';
import { IconCopy, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { emptyConfig } from '../../../../server/schema/config.ts';
import type { ContentRule } from '../../../../server/schema/content-rule.ts';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { usersOf } from '../../../../server/schema/users-of.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { titleIn } from '../../../../server/schema/words.ts';
import { call } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useContentRules, useServers, useServices } from '../../api/queries.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { plural } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { valueWords } from '../../parts/value.ts';
import { useMay } from '../../shell/session.tsx';
import { RuleForm } from './rule-form.tsx';
import { optionWords, ruleWords } from './rule-words.ts';

interface Doing {
  what: 'add' | 'modify' | 'duplicate' | 'delete';
  rule?: ContentRule;
}

/** Of many users the first of these are named. */
const NAMED = 20;

/** All content rules and who uses them. */
export function ListPage() {
  const rules = useContentRules();
  const services = useServices();
  const servers = useServers();
  const may = useMay('administrator');
  const [doing, setDoing] = useState<Doing>();
  const close = () => setDoing(undefined);
  const all = rules.data ?? [];

  const users = useMemo(
    () => usersByRule(all, services.data ?? [], servers.data ?? []),
    [all, services.data, servers.data],
  );
  const columns = useMemo(() => columnsOf(users, may, setDoing), [users, may]);
  const add = may && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setDoing({ what: 'add' })}>
      Create New
    </Button>
  );
  const unused = all.filter(rule => !users.get(rule.id)?.length).length;

  return (
    <>
      <PageHeader
        title="Content Rules"
        sentence={
          all.length > 0 && (
            <span className="figure">
              {plural(all.length, 'rule')} · {unused === 0 ? 'all in use' : `${unused} not in use`}
            </span>
          )
        }
        actions={all.length > 0 && add}
      />
      <Loaded
        query={rules}
        what="The content rules could not be loaded"
        still="Services go on with the rules they have."
      >
        {() => (
          <DataTable
            label="Content Rules"
            rows={all}
            columns={columns}
            idOf={rule => rule.id}
            {...(may && { onOpen: (rule: ContentRule) => setDoing({ what: 'modify', rule }) })}
            textOf={rule => [rule.name, ruleWords(rule), ...(users.get(rule.id) ?? [])].join(' ')}
            placeholder="Filter by name, match string, service…"
            empty={
              <Empty title="No content rule yet" action={add}>
                Content rules choose a SubVS or Real Server by what is in a request, or change headers and URLs on their
                way. Services and Real Servers name the rules they use.
              </Empty>
            }
          />
        )}
      </Loaded>
      {doing?.what === 'add' && <RuleForm rules={all} onClose={close} />}
      {doing?.what === 'modify' && doing.rule && <RuleForm rules={all} rule={doing.rule} onClose={close} />}
      {doing?.what === 'duplicate' && doing.rule && <RuleForm rules={all} like={doing.rule} onClose={close} />}
      {doing?.what === 'delete' && doing.rule && <DeleteRule rule={doing.rule} onClose={close} />}
    </>
  );
}

function DeleteRule({ rule, onClose }: { rule: ContentRule; onClose: () => void }) {
  const remove = useMutate('deleteContentRule', { done: `Deleted the rule ${rule.name}` });
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Delete the rule “${rule.name}”?`}
      act={`Delete ${rule.name}`}
      danger
      preview={() => call('deleteContentRule', { params: { id: rule.id }, dryRun: true })}
      run={() => remove.run({ params: { id: rule.id } })}
    />
  );
}

/** Who names a rule, in words. */
function usersByRule(
  contentRules: readonly ContentRule[],
  virtualServices: VirtualService[],
  realServers: RealServer[],
): Map<number, string[]> {
  const config = { ...emptyConfig(), virtualServices, realServers };
  return new Map(
    contentRules.map(({ id }) => [
      id,
      usersOf(config, 'contentRule', id).map(({ kind, object }) => titleIn(kind, object, config)),
    ]),
  );
}

const columnsOf = (
  users: ReadonlyMap<number, string[]>,
  may: boolean,
  onDo: (doing: Doing) => void,
): Column<ContentRule>[] => [
  {
    key: 'name',
    title: 'Name',
    sort: rule => rule.name,
    render: rule => <strong className="row-name">{rule.name}</strong>,
  },
  {
    key: 'type',
    title: 'Type',
    width: '150px',
    sort: rule => rule.type,
    render: rule => valueWords('contentRule', 'type', rule.type, () => undefined),
  },
  { key: 'what', title: 'What', render: rule => <span title={ruleWords(rule)}>{ruleWords(rule)}</span> },
  {
    key: 'options',
    title: 'Options',
    width: '150px',
    render: rule => <span className="quiet">{optionWords(rule).join(', ') || '–'}</span>,
  },
  {
    key: 'used',
    title: 'In Use',
    width: '90px',
    sort: rule => users.get(rule.id)?.length ?? 0,
    render: rule => {
      const by = users.get(rule.id) ?? [];
      const more = by.length > NAMED ? `\nand ${by.length - NAMED} more` : '';
      return by.length === 0 ? (
        <span className="quiet">not used</span>
      ) : (
        <span title={by.slice(0, NAMED).join('\n') + more}>✓ {by.length}</span>
      );
    },
  },
  ...(may
    ? [
        {
          key: 'acts',
          title: 'Operation',
          width: '110px',
          align: 'right' as const,
          render: (rule: ContentRule) => <Acts rule={rule} used={Boolean(users.get(rule.id)?.length)} onDo={onDo} />,
        },
      ]
    : []),
];

function Acts({ rule, used, onDo }: { rule: ContentRule; used: boolean; onDo: (doing: Doing) => void }) {
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end" className="acts">
      <ActionIcon {...icon} aria-label={`Modify ${rule.name}`} onClick={() => onDo({ what: 'modify', rule })}>
        <IconPencil size={14} />
      </ActionIcon>
      <ActionIcon {...icon} aria-label={`Duplicate ${rule.name}`} onClick={() => onDo({ what: 'duplicate', rule })}>
        <IconCopy size={14} />
      </ActionIcon>
      <ActionIcon
        {...icon}
        aria-label={`Delete ${rule.name}`}
        disabled={used}
        title={used ? 'In use: take it off there first' : undefined}
        onClick={() => onDo({ what: 'delete', rule })}
      >
        <IconTrash size={14} />
      </ActionIcon>
    </Group>
  );
}

const icon = { size: 'sm', variant: 'subtle', color: 'gray' } as const;
