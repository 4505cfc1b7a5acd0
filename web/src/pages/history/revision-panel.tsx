import { Button, Group, Select, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RevisionSummary } from '../../../../server/schema/endpoints.ts';
import { call } from '../../api/call.ts';
import { keys } from '../../api/events.ts';
import { useHead, useRevision } from '../../api/queries.ts';
import { dateTimeOf } from '../../parts/format.ts';
import { Moment } from '../../parts/since.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { ChangeList } from './change-list.tsx';
import { folded } from './compare.ts';
import { Outcome } from './history.tsx';
import { RestoreDialog } from './restore-dialog.tsx';

/** As many revisions apart as can be compared; each costs one request. */
const FARTHEST = 60;

/** One revision: its words, its differences against the one before or any other, and the way back to it. */
export function RevisionPanel({ revision, known }: { revision: number; known: RevisionSummary[] }) {
  const detail = useRevision(revision);
  const head = useHead();
  const may = useMay('administrator');
  const [other, setOther] = useState<string | null>(null);
  const [restoring, setRestoring] = useState(false);

  const others = known.filter(r => r.revision !== revision && Math.abs(r.revision - revision) <= FARTHEST);
  return (
    <Loaded query={detail} what="The revision could not be loaded">
      {data => (
        <Stack gap="sm">
          <Group gap="md">
            <Outcome outcome={data.outcome} revision={data.revision} />
            <span>
              <Moment time={data.time} /> by <strong>{data.who}</strong>
            </span>
            {may && revision > 0 && revision !== head && (
              <Button ml="auto" variant="default" onClick={() => setRestoring(true)}>
                Return to revision {revision}…
              </Button>
            )}
          </Group>
          {data.words.length > 0 && (
            <ul className="revision-words">
              {data.words.map(sentence => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          )}
          <Select
            label="Compare with"
            placeholder={`Revision before ${revision}`}
            clearable
            searchable
            w={320}
            value={other}
            onChange={setOther}
            data={others.map(r => ({
              value: String(r.revision),
              label: `Revision ${r.revision}, ${dateTimeOf(r.time)}, ${r.who}`,
            }))}
          />
          {other ? <Between one={revision} two={Number(other)} /> : <ChangeList changes={data.changes} />}
          <RestoreDialog revision={restoring ? revision : undefined} onClose={() => setRestoring(false)} />
        </Stack>
      )}
    </Loaded>
  );
}

/** What lies between two revisions, from the older to the newer. */
function Between({ one, two }: { one: number; two: number }) {
  const [from, to] = one < two ? [one, two] : [two, one];
  const steps = useQuery({
    queryKey: [...keys.config, 'between', from, to],
    queryFn: () =>
      Promise.all(Array.from({ length: to - from }, (_, i) => call('getRevision', { params: { id: from + 1 + i } }))),
  });
  return (
    <Loaded query={steps} what="The revisions could not be compared">
      {details => (
        <>
          <p className="quiet">
            From revision {from} to revision {to}:
          </p>
          <ChangeList changes={folded(details)} />
        </>
      )}
    </Loaded>
  );
}
