import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { BackupState } from '../../../../server/schema/backup.ts';
import type { Settings } from '../../../../server/schema/settings.ts';
import { useMutate } from '../../api/mutate.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ErrorPanel } from '../../parts/states.tsx';

interface Seen {
  key: string;
  fingerprint: string;
}

/** Who the remote host must be, and how this appliance logs in there. */
export function KeyPanel({ state, settings }: { state: BackupState; settings: Settings }) {
  const { backupHost: host, backupPort } = settings;
  const ask = useMutate('askHostKey', { quiet: true });
  const keep = useMutate('patchSettings', { done: 'The host key is kept' });
  const make = useMutate('makeBackupKey', { done: 'Made a new key' });
  const [seen, setSeen] = useState<Seen>();

  return (
    <Panel title="Keys for SFTP">
      <dl className="live-facts">
        <dt>Key of this appliance</dt>
        <dd>
          {state.publicKey === '' ? (
            'none yet'
          ) : (
            <div className="backup-key">
              <code>{state.publicKey}</code>
              <Copy value={state.publicKey} what="the public key" />
            </div>
          )}
          <p className="quiet">The remote host lets this in: a line of its authorized_keys.</p>
          <Button size="compact-xs" variant="default" loading={make.busy} onClick={() => void make.run({})}>
            {state.publicKey === '' ? 'Make a key' : 'Make another, forget this one'}
          </Button>
        </dd>
        <dt>Host key kept</dt>
        <dd>
          <code>{state.hostKey || 'none yet'}</code>
          <p className="quiet">A host that shows another key gets nothing.</p>
          {seen ? (
            <Group gap="sm">
              <span>
                {host} shows <code>{seen.fingerprint}</code>. Compare it with what its administrator says.
              </span>
              <Button
                size="compact-xs"
                loading={keep.busy}
                onClick={async () => {
                  if (await keep.run({ body: { backupHostKey: seen.key } })) setSeen(undefined);
                }}
              >
                Keep this key
              </Button>
            </Group>
          ) : (
            <Button
              size="compact-xs"
              variant="default"
              loading={ask.busy}
              disabled={host === ''}
              title={host === '' ? 'Save a remote host first.' : undefined}
              onClick={async () => setSeen((await ask.run({ body: { host, port: backupPort || 22 } }))?.keys[0])}
            >
              Ask the host for its key
            </Button>
          )}
          {ask.problem && <ErrorPanel what="The host could not be asked" error={ask.problem} />}
        </dd>
      </dl>
    </Panel>
  );
}
