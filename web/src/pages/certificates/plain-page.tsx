import { ActionIcon, Button, Group } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import type { Authority } from '../../../../server/schema/authority.ts';
import type { CipherSet } from '../../../../server/schema/cipher-set.ts';
import { emptyConfig } from '../../../../server/schema/config.ts';
import { usersOf } from '../../../../server/schema/users-of.ts';
import { titleIn } from '../../../../server/schema/words.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useServices } from '../../api/queries.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { plural } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { PlainForm } from './plain-form.tsx';
import './certificates.css';

interface Of {
  authority: Authority;
  cipherSet: CipherSet;
}

interface Props<K extends keyof Of> {
  kind: K;
  title: string;
  /** Such as “authority”. */
  what: string;
  query: UseQueryResult<Of[K][]>;
  columns: Column<Of[K]>[];
  textOf: (object: Of[K]) => string;
  detail?: (object: Of[K]) => ReactNode;
  /** What the empty page says of the kind. */
  words: string;
}

/** The list of a kind that services name, with who uses each, and its dialogs. */
export function PlainPage<K extends keyof Of>({ kind, title, what, query, columns, textOf, detail, words }: Props<K>) {
  const services = useServices().data;
  const may = useMay('administrator');
  const [doing, setDoing] = useState<{ act: 'add' | 'modify' | 'delete'; object?: Of[K] }>();
  const close = () => setDoing(undefined);
  const all = query.data ?? [];
  const users = useMemo(() => {
    const config = { ...emptyConfig(), virtualServices: services ?? [] };
    return new Map(
      (query.data ?? []).map(({ id }) => [
        id,
        usersOf(config, kind, id).map(user => titleIn(user.kind, user.object, config)),
      ]),
    );
  }, [query.data, services, kind]);

  const add = may && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setDoing({ act: 'add' })}>
      Add New
    </Button>
  );
  const used: Column<Of[K]> = {
    key: 'used',
    title: 'Used By',
    sort: object => users.get(object.id)?.length ?? 0,
    render: object => {
      const by = users.get(object.id) ?? [];
      if (by.length === 0) return <span className="quiet">not used</span>;
      return <span title={by.join('\n')}>{plural(by.length, 'service')}</span>;
    },
  };
  const acts: Column<Of[K]> = {
    key: 'acts',
    title: 'Operation',
    width: '90px',
    align: 'right',
    render: object => {
      const by = users.get(object.id) ?? [];
      return (
        <Group gap={4} wrap="nowrap" justify="flex-end" className="acts">
          <ActionIcon
            {...icon}
            aria-label={`Modify ${object.name}`}
            onClick={() => setDoing({ act: 'modify', object })}
          >
            <IconPencil size={14} />
          </ActionIcon>
          <ActionIcon
            {...icon}
            aria-label={`Delete ${object.name}`}
            disabled={by.length > 0}
            title={by.length > 0 ? 'In use: take it off there first' : undefined}
            onClick={() => setDoing({ act: 'delete', object })}
          >
            <IconTrash size={14} />
          </ActionIcon>
        </Group>
      );
    },
  };

  return (
    <>
      <PageHeader title={title} sentence={words} actions={all.length > 0 && add} />
      <Loaded query={query} what={`The ${title.toLowerCase()} could not be loaded`} still="Services go on as they are.">
        {() => (
          <DataTable
            label={title}
            rows={all}
            columns={[...columns, used, ...(may ? [acts] : [])]}
            idOf={object => object.id}
            {...(may && { onOpen: (object: Of[K]) => setDoing({ act: 'modify', object }) })}
            textOf={textOf}
            placeholder="Filter…"
            {...(detail && { detail })}
            empty={
              <Empty title={`No ${what} yet`} action={add}>
                {words}
              </Empty>
            }
          />
        )}
      </Loaded>
      {doing?.act === 'add' && <PlainForm kind={kind} all={all} onClose={close} />}
      {doing?.act === 'modify' && <PlainForm kind={kind} all={all} object={doing.object} onClose={close} />}
      {doing?.act === 'delete' && doing.object && <Delete kind={kind} object={doing.object} onClose={close} />}
    </>
  );
}

const icon = { size: 'sm', variant: 'subtle', color: 'gray' } as const;

function Delete({
  kind,
  object,
  onClose,
}: {
  kind: keyof Of;
  object: { id: number; name: string };
  onClose: () => void;
}) {
  const done = `Deleted ${object.name}`;
  const authority = useMutate('deleteAuthority', { done });
  const cipherSet = useMutate('deleteCipherSet', { done });
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Delete “${object.name}”?`}
      act={`Delete ${object.name}`}
      danger
      run={() => (kind === 'authority' ? authority : cipherSet).run({ params: { id: object.id } })}
    >
      <p>No service uses it. History can bring it back.</p>
    </ConfirmDialog>
  );
}
