import { Button, Group, PasswordInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { minPassphrase } from '../../../../server/schema/backup.ts';
import { endpoints } from '../../../../server/schema/endpoints.ts';
import { useMutate } from '../../api/mutate.tsx';
import { download } from '../../parts/download.ts';
import { bytes } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { ErrorPanel } from '../../parts/states.tsx';
import { wordsOf } from '../../parts/value.ts';
import { useSession } from '../../shell/session.tsx';

const { passphrase } = endpoints.makeBackup.body.properties;

/** Asks for a pass phrase twice, as nobody can see what was typed, and hands over the file. */
export function MakePanel() {
  const { hostName } = useSession();
  const make = useMutate('makeBackup', { quiet: true });
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const [made, setMade] = useState('');
  const differs = second !== '' && first !== second;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setMade('');
    if (first !== second) return;
    const file = await make.run({ body: { passphrase: first } });
    if (!file) return;
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
    const name = `ballast-${hostName.replaceAll(/[^A-Za-z0-9.-]/g, '')}-${stamp}.backup`;
    download(name, file);
    setMade(`${name}, ${bytes(file.size)}`);
    setFirst('');
    setSecond('');
  };

  return (
    <Panel title="Create a backup">
      <form className="backup-form" onSubmit={submit}>
        <Group align="flex-start" gap="md">
          <PasswordInput
            label={wordsOf(passphrase).label}
            description={`At least ${minPassphrase} characters. ${wordsOf(passphrase).description}`}
            required
            withAsterisk={false}
            minLength={minPassphrase}
            maxLength={256}
            autoComplete="new-password"
            w={420}
            value={first}
            onChange={event => setFirst(event.currentTarget.value)}
          />
          <PasswordInput
            label="The same again"
            description="So that a slip does not cost the backup."
            required
            withAsterisk={false}
            maxLength={256}
            autoComplete="new-password"
            w={300}
            value={second}
            onChange={event => setSecond(event.currentTarget.value)}
            error={differs && 'This is not the same.'}
          />
        </Group>
        {make.problem && <ErrorPanel what="No backup was made" error={make.problem} />}
        <Group gap="md">
          <Button type="submit" loading={make.busy} disabled={differs} leftSection={<IconDownload size={14} />}>
            Create and download
          </Button>
          <span className="quiet" role="status">
            {made && `Made ${made}. Keep it and its pass phrase in different places.`}
          </span>
        </Group>
      </form>
    </Panel>
  );
}
