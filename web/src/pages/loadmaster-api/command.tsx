import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import type { LoadMasterCommand } from '../../../../server/schema/loadmaster-calls.ts';
import { Copy } from '../../parts/copy.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { differencesOf } from './differences.ts';
import { curlOf, type Version } from './example.ts';
import { useCommands } from './queries.ts';
import { TryIt } from './try-it.tsx';

/** One command: what it takes, who may, the line for a shell, and a form to try it. */
export function CommandPage() {
  const { command = '', '*': rest } = useParams();
  const name = rest ? `${command}/${rest}` : command;
  const list = useCommands();
  return (
    <Loaded query={list} what="The commands could not be read">
      {all => {
        const found = all.find(one => one.name === name);
        if (found) return <Shown key={found.name} command={found} />;
        return (
          <>
            <PageHeader title="LoadMaster API" />
            <Empty title="There is no such command" action={<Link to="/loadmaster-api">All commands</Link>}>
              The API answers 405 to “{name}”, as a LoadMaster does to a command it has not got.
            </Empty>
          </>
        );
      }}
    </Loaded>
  );
}

function Shown({ command }: { command: LoadMasterCommand }) {
  const [version, setVersion] = useState<Version>(2);
  const [values, setValues] = useState<Record<string, string>>({});
  const curl = curlOf({ command, version, values }, location.origin);
  const differs = differencesOf(command.name);
  const who = [command.role, ...command.permissions.map(word => `a user with the permission “${word}”`)];
  return (
    <>
      <PageHeader
        title={command.name}
        sentence={
          <>
            {command.about} <Link to="/loadmaster-api">All commands</Link>
          </>
        }
        actions={
          <SegmentedControl
            size="xs"
            aria-label="Version"
            data={[
              { value: '1', label: 'Version 1 (XML)' },
              { value: '2', label: 'Version 2 (JSON)' },
            ]}
            value={String(version)}
            onChange={value => setVersion(value === '1' ? 1 : 2)}
          />
        }
      />
      <p className="quiet">Who may call it: {who.join(', or ')}.</p>
      <Panel title="In a Shell" aside={<Copy value={curl} what="the line" />}>
        <pre className="api-text">{curl}</pre>
      </Panel>
      {differs.length > 0 && (
        <Panel title="What Differs from a LoadMaster">
          <ul className="api-differs">
            {differs.map(({ what, here, why }) => (
              <li key={what}>
                <span className="figure">{what}</span>: {here}
                {why && ` (${why})`}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <TryIt command={command} version={version} values={values} setValues={setValues} />
    </>
  );
}
