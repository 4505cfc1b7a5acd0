import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { type BackupState, minPassphrase } from '../../../../server/schema/backup.ts';
import { emptyConfig } from '../../../../server/schema/config.ts';
import { Fault } from '../../../../server/schema/faults.ts';
import { backupProblems } from '../../../../server/schema/problems/backup.ts';
import type { Settings } from '../../../../server/schema/settings.ts';
import { call } from '../../api/call.ts';
import { keys } from '../../api/events.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useAuthorities, useSettings } from '../../api/queries.ts';
import { bytes, dateTimeOf, plural } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { Moment } from '../../parts/since.tsx';
import { StateMark } from '../../parts/state-badge.tsx';
import { Loaded } from '../../parts/states.tsx';
import { SettingsPanel } from '../network/settings-panel.tsx';
import { KeyPanel } from './key-panel.tsx';

const NAMES = [
  'backupEnabled',
  'backupDay',
  'backupHour',
  'backupMinute',
  'backupMethod',
  'backupHost',
  'backupPort',
  'backupUser',
  'backupPassword',
  'backupPath',
  'backupTrust',
  'backupKept',
  'backupPassphrase',
] as const;
const ASK_EVERY = 5_000;

/** Backups that are made by themselves: how they are doing, when and where to, and the keys of SFTP. */
export function SchedulePanels() {
  const settings = useSettings();
  const state = useQuery({
    queryKey: [...keys.config, 'backupState'],
    queryFn: ({ signal }) => call('getBackupState', { signal }),
    refetchInterval: ASK_EVERY,
  });
  return (
    <Loaded query={state} what="How automated backups are doing could not be read">
      {now => (
        <Loaded query={settings} what="The schedule could not be loaded">
          {stored => <Panels state={now} settings={stored} />}
        </Loaded>
      )}
    </Loaded>
  );
}

function Panels({ state, settings }: { state: BackupState; settings: Settings }) {
  const authorities = useAuthorities().data ?? [];
  const { hasPassphrase, publicKey } = state;
  // The secrets are not here: empty stands for “as it is”.
  const config = useMemo(
    () => ({ ...emptyConfig(), settings: [{ ...settings, backupPassphrase: '', backupPassword: '' }] }),
    [settings],
  );
  const rules = useMemo(
    () => (candidate: Settings) => {
      const backupPassphrase =
        candidate.backupPassphrase === '' && hasPassphrase ? 'x'.repeat(minPassphrase) : candidate.backupPassphrase;
      const whole = { ...candidate, backupPassphrase, backupKey: publicKey };
      return backupProblems({ ...emptyConfig(), settings: [whole] }, { managementPort: 0, loopback: true })
        .map(({ fault }) => fault)
        .map(fault =>
          elsewhere.includes(fault.at ?? '') ? new Fault(fault.code, fault.facts, '/backupMethod') : fault,
        );
    },
    [hasPassphrase, publicKey],
  );
  return (
    <>
      <StatePanel state={state} settings={settings} />
      <SettingsPanel
        title="Automated backup"
        names={NAMES}
        config={config}
        rules={rules}
        choices={{
          backupTrust: [{ id: 0, label: 'none' }, ...authorities.map(({ id, name }) => ({ id, label: name }))],
        }}
      />
      {settings.backupMethod === 'sftp' && <KeyPanel state={state} settings={settings} />}
    </>
  );
}

/** Properties with a panel of their own: what they lack is said where SFTP is chosen. */
const elsewhere = ['/backupKey', '/backupHostKey'];

function StatePanel({ state, settings }: { state: BackupState; settings: Settings }) {
  const run = useMutate('runBackup', {
    done: reply => (reply.error === '' ? 'A backup was put there' : 'The backup failed'),
  });
  const { error, lastTry, lastGood, size, sent, next, running, hasPassphrase } = state;
  const ready = settings.backupHost !== '' && hasPassphrase;
  return (
    <Panel
      title="Automated backup now"
      aside={
        <Button
          size="compact-xs"
          variant="default"
          loading={run.busy || running}
          disabled={!ready}
          title={ready ? undefined : 'Needs a remote host and a pass phrase.'}
          onClick={() => void run.run({})}
        >
          Run now
        </Button>
      }
    >
      <dl className="live-facts">
        <Fact name="Last backup">
          {lastGood === null ? (
            'none yet'
          ) : (
            <>
              <Moment time={lastGood} /> ({bytes(size)})
            </>
          )}
        </Fact>
        {error !== '' && lastTry !== null && (
          <Fact name="Last try">
            <StateMark state="down" /> <Moment time={lastTry} /> <span>{error}</span>
          </Fact>
        )}
        <Fact name="Next">{next === null ? 'none: the schedule is off' : dateTimeOf(next)}</Fact>
        <Fact name="Pass phrase">{hasPassphrase ? 'stored' : 'not set'}</Fact>
        <Fact name="There now">{sent.length === 0 ? 'nothing of this appliance' : plural(sent.length, 'backup')}</Fact>
      </dl>
    </Panel>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Group gap={6}>{children}</Group>
      </dd>
    </>
  );
}
