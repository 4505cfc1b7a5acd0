import { Button, Group } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useMutate } from '../../api/mutate.tsx';
import { download } from '../../parts/download.ts';
import { bytes } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ErrorPanel } from '../../parts/states.tsx';
import { useMay, useSession } from '../../shell/session.tsx';

/** One file for whoever helps, and what is in it. */
export function SupportPage() {
  const may = useMay('administrator');
  const { hostName } = useSession();
  const fetchIt = useMutate('getSupportBundle', { quiet: true });
  const [made, setMade] = useState('');

  const go = async () => {
    setMade('');
    const file = await fetchIt.run({});
    if (!file) return;
    const name = `ballast-support-${hostName}-${new Date().toISOString().slice(0, 10)}.tar.gz`;
    download(name, file);
    setMade(`${name}, ${bytes(file.size)}`);
  };

  return (
    <>
      <PageHeader title="Support Bundle" sentence="One file with what somebody who helps you wants to see." />
      <Panel title="What is in it">
        <ul>
          <li>The configuration as Backup/Restore exports it, the last 200 changes, status and events.</li>
          <li>The network as it is: links, addresses, routes, neighbours, packet rules.</li>
          <li>HAProxy’s configuration and version, the last 5,000 lines of the system’s journal.</li>
        </ul>
        <p>
          Private keys, passwords and other secrets are removed. Addresses, host names and names of users are in it:
          look before you hand it on.
        </p>
        {fetchIt.problem && <ErrorPanel what="No bundle was made" error={fetchIt.problem} />}
        <Group gap="md">
          <Button leftSection={<IconDownload size={14} />} loading={fetchIt.busy} disabled={!may} onClick={go}>
            Create and download
          </Button>
          <span className="quiet" role="status">
            {made && `Made ${made}.`}
          </span>
        </Group>
      </Panel>
    </>
  );
}
