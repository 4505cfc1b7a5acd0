import { Button, FileButton, Group, Progress, Stack } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import type { UpdatePhase, UpdateState } from '../../../../server/schema/update.ts';
import { call } from '../../api/call.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { bytes } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ErrorPanel, Skeletons } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { sendFile } from './send-file.ts';
import './update.css';

const KEY = ['update'];
const BUSY: readonly UpdatePhase[] = ['checking', 'writing', 'proving'];
const WORDS: Partial<Record<UpdatePhase, string>> = {
  checking: 'Checking the file',
  writing: 'Writing to the other slot',
  proving: 'Reading back what was written',
};

/** Two versions lie on the disk; a new one goes beside the one that runs and must prove itself. */
export function UpdatePage() {
  const may = useMay('administrator');
  const update = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call('getUpdate', { signal }),
    enabled: may,
    refetchInterval: query => (BUSY.includes(query.state.data?.phase ?? 'idle') ? 1_000 : 10_000),
  });
  return (
    <>
      <PageHeader
        title="Update Software"
        sentence="A new version is written beside the one that runs, started once, and left again by itself when it does not get well."
      />
      {!may && <p className="quiet role-note">Only administrators see and change the software.</p>}
      {update.data ? (
        <Versions state={update.data} />
      ) : update.error ? (
        <ErrorPanel
          what="The versions could not be read"
          error={update.error}
          still="Traffic goes on."
          retry={() => void update.refetch()}
        />
      ) : (
        may && <Skeletons rows={4} />
      )}
    </>
  );
}

function Versions({ state }: { state: UpdateState }) {
  const [asking, setAsking] = useState(false);
  if (state.unsupported) return <p className="network-note">{state.unsupported}</p>;
  const busy = BUSY.includes(state.phase);
  return (
    <Stack gap="md">
      <Panel title="Versions">
        <dl className="update-facts">
          <Fact name="Runs now">
            {state.version} <span className="quiet">in slot {state.slot.toUpperCase()}</span>
            {state.trial && <span className="quiet">, being tried: a restart now would bring the one before back</span>}
          </Fact>
          <Fact name="In the other slot">
            {state.other || <span className="quiet">none</span>}
            {state.otherFailed && (
              <span className="problem">: it was started, did not get well, and was left again</span>
            )}
          </Fact>
        </dl>
        {state.other && (
          <Button size="xs" variant="default" disabled={busy || state.trial} onClick={() => setAsking(true)}>
            Restart with {state.other}
          </Button>
        )}
      </Panel>
      <Panel title="Install">{busy ? <Running state={state} /> : <Send state={state} />}</Panel>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Restart with version ${state.other}?`}
        act={`Restart with ${state.other}`}
        danger
        run={() => call('startOtherVersion')}
      >
        <p>
          The machine restarts: open connections end, and nothing is served for as long as it takes. When {state.other}{' '}
          is not well within four minutes, {state.version} comes back by itself with the configuration as it is now;
          changes made meanwhile are lost.
        </p>
      </ConfirmDialog>
    </Stack>
  );
}

function Running({ state }: { state: UpdateState }) {
  const share = state.total > 0 ? (100 * state.done) / state.total : 0;
  return (
    <div role="status">
      <p>
        {WORDS[state.phase]}
        {state.fileVersion && ` (version ${state.fileVersion})`}: {bytes(state.done)} of {bytes(state.total)}. Traffic
        goes on.
      </p>
      <Progress value={share} aria-label={WORDS[state.phase] ?? 'Progress'} />
    </div>
  );
}

function Send({ state }: { state: UpdateState }) {
  const client = useQueryClient();
  const [sent, setSent] = useState<{ done: number; total: number }>();
  const [error, setError] = useState<unknown>();
  const stop = useRef<AbortController>(undefined);
  const take = async (file: File | null) => {
    if (!file) return;
    setError(undefined);
    setSent({ done: 0, total: file.size });
    stop.current = new AbortController();
    try {
      await sendFile(file, done => setSent({ done, total: file.size }), stop.current.signal);
      client.setQueryData(KEY, await call('installUpdate'));
    } catch (caught) {
      if (!stop.current.signal.aborted) setError(caught);
    }
    setSent(undefined);
  };
  return (
    <Stack gap="sm">
      <p className="quiet">
        An update file ends with .update. Its signature and every byte of it are checked before anything is written.
      </p>
      {error !== undefined && <ErrorPanel what="The file was not sent" error={error} still="Nothing was changed." />}
      {state.phase === 'failed' && (
        <ErrorPanel
          what="The update was not installed"
          error={new Error(state.problem)}
          still="What runs is as it was."
        />
      )}
      {state.phase === 'ready' && (
        <p role="status">
          Version <strong>{state.fileVersion}</strong> is installed in the other slot. Restart with it when it suits.
        </p>
      )}
      {sent ? (
        <div role="status">
          <p>
            Sending: {bytes(sent.done)} of {bytes(sent.total)}
          </p>
          <Progress value={(100 * sent.done) / sent.total} aria-label="Sending" mb="xs" />
          <Button size="xs" variant="default" onClick={() => stop.current?.abort()}>
            Stop
          </Button>
        </div>
      ) : (
        <Group>
          <FileButton onChange={file => void take(file)} accept=".update">
            {props => (
              <Button leftSection={<IconUpload size={14} />} disabled={state.trial} {...props}>
                Choose an update file…
              </Button>
            )}
          </FileButton>
        </Group>
      )}
    </Stack>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
