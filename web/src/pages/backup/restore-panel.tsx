import { Button, Checkbox, FileButton, Group, PasswordInput } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { type DragEvent, type FormEvent, useState } from 'react';
import { type BackupPart, type BackupSummary, backupParts } from '../../../../server/schema/backup.ts';
import { attempting } from '../../api/attempt.ts';
import { call } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useSettings } from '../../api/queries.ts';
import { base64 } from '../../parts/base64.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { dateTimeOf, plural } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { ErrorPanel } from '../../parts/states.tsx';

/** As large as the API takes, in bytes of the file. */
const LARGEST = 48_000_000;

interface Chosen {
  name: string;
  file: string;
}

/** Opens a backup, says what is in it and what putting it back would do, and does that. */
export function RestorePanel() {
  const [chosen, setChosen] = useState<Chosen>();
  const [passphrase, setPassphrase] = useState('');
  const [summary, setSummary] = useState<BackupSummary>();
  const [problem, setProblem] = useState<string>();
  const [over, setOver] = useState(false);
  const read = useMutate('readBackup', { quiet: true });

  const take = async (file: File | null | undefined) => {
    setOver(false);
    if (!file) return;
    setSummary(undefined);
    read.clear();
    if (file.size > LARGEST) return setProblem(`“${file.name}” is larger than any backup.`);
    if (file.size === 0) return setProblem(`“${file.name}” is empty.`);
    setProblem(undefined);
    setChosen({ name: file.name, file: base64(new Uint8Array(await file.arrayBuffer())) });
  };
  const open = async (event: FormEvent) => {
    event.preventDefault();
    if (chosen) setSummary(await read.run({ body: { file: chosen.file, passphrase } }));
  };

  return (
    <Panel title="Restore a backup">
      <form className="backup-form" onSubmit={open}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is the short way; the button is there for all */}
        <div
          className="backup-drop"
          data-over={over ? '' : undefined}
          onDragOver={event => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event: DragEvent) => {
            event.preventDefault();
            void take(event.dataTransfer.files[0]);
          }}
        >
          <IconUpload size={18} aria-hidden />
          <span>{chosen ? <strong>{chosen.name}</strong> : 'Drop a backup here'}</span>
          <FileButton onChange={file => void take(file)} accept=".backup">
            {props => (
              <Button size="compact-xs" variant="default" {...props}>
                Choose file…
              </Button>
            )}
          </FileButton>
        </div>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <PasswordInput
          label="Pass phrase of this backup"
          required
          withAsterisk={false}
          maxLength={256}
          autoComplete="off"
          w={380}
          value={passphrase}
          onChange={event => {
            setPassphrase(event.currentTarget.value);
            setSummary(undefined);
          }}
          error={read.problem?.code === 'PASSPHRASE_WRONG' && read.problem.message}
        />
        {read.problem && read.problem.code !== 'PASSPHRASE_WRONG' && (
          <ErrorPanel what="This file cannot be restored" error={read.problem} still="Nothing was changed." />
        )}
        {!summary && (
          <Group>
            <Button type="submit" variant="default" loading={read.busy} disabled={!chosen}>
              Open backup
            </Button>
          </Group>
        )}
      </form>
      {summary && chosen && <Opened summary={summary} file={chosen.file} passphrase={passphrase} />}
    </Panel>
  );
}

interface OpenedProps {
  summary: BackupSummary;
  file: string;
  passphrase: string;
}

function Opened({ summary, file, passphrase }: OpenedProps) {
  const [parts, setParts] = useState<BackupPart[]>(backupParts.map(part => part.value));
  const [asking, setAsking] = useState(false);
  const settings = useSettings();
  const seconds = settings.data?.confirmTime ?? 60;
  const restore = useMutate('restoreBackup', {
    done: 'Restored',
    within: run => attempting({ seconds, addresses: [] }, run),
  });
  const body = { file, passphrase, parts };
  const { made, hostName, version } = summary;
  const held: Record<BackupPart, string> = {
    services: `${plural(summary.services, 'service')}, ${plural(summary.servers, 'server')}, ${plural(summary.certificates, 'certificate')}`,
    system: plural(summary.interfaces, 'interface'),
    users: `${summary.users.join(', ')}; ${plural(summary.keys, 'API key')}`,
  };

  return (
    <div className="backup-opened">
      <p>
        Made on <strong>{hostName}</strong> at <span className="figure">{dateTimeOf(made)}</span> by Ballast {version}.
      </p>
      <Checkbox.Group label="What to restore" value={parts} onChange={value => setParts(value as BackupPart[])}>
        {backupParts.map(part => (
          <Checkbox
            key={part.value}
            value={part.value}
            label={`${part.label} (${held[part.value]})`}
            description={part.help}
          />
        ))}
      </Checkbox.Group>
      <Group>
        <Button disabled={parts.length === 0} onClick={() => setAsking(true)}>
          Restore…
        </Button>
        <span className="quiet">You see what will change before anything does.</span>
      </Group>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Restore the backup of ${hostName}?`}
        act="Restore"
        danger
        preview={() => call('restoreBackup', { body, dryRun: true })}
        run={() => restore.run({ body })}
      >
        <p>
          What you chose becomes as it was at {dateTimeOf(made)}, all of it or nothing. History can undo it, but for
          users.
        </p>
      </ConfirmDialog>
    </div>
  );
}
