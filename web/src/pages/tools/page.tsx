import { SegmentedControl } from '@mantine/core';
import { useSearchParams } from 'react-router';
import type { Tool } from '../../../../server/schema/tools.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { useMay } from '../../shell/session.tsx';
import { Connections } from './connections.tsx';
import { Neighbours } from './neighbours.tsx';
import { ToolForm } from './tool-form.tsx';
import './tools.css';

const TABS: {
  value: Tool | 'connections' | 'neighbours';
  label: string;
  role: 'read-only' | 'operator' | 'administrator';
}[] = [
  { value: 'connections', label: 'Connections', role: 'read-only' },
  { value: 'neighbours', label: 'Neighbours', role: 'read-only' },
  { value: 'ping', label: 'Ping', role: 'operator' },
  { value: 'traceroute', label: 'Traceroute', role: 'operator' },
  { value: 'lookup', label: 'Name Lookup', role: 'operator' },
  { value: 'connect', label: 'TCP Connect', role: 'operator' },
  { value: 'capture', label: 'Packet Capture', role: 'administrator' },
];

/** What helps to find out why something does not arrive. */
export function ToolsPage() {
  const [params, setParams] = useSearchParams();
  const may = { 'read-only': true, operator: useMay('operator'), administrator: useMay('administrator') };
  const tabs = TABS.filter(tab => may[tab.role]);
  const chosen = tabs.find(tab => tab.value === params.get('tool')) ?? tabs[0];
  const tool = chosen?.value ?? 'connections';
  return (
    <>
      <PageHeader title="Tools" sentence="Who is connected, who is near, and what this machine itself can reach." />
      <SegmentedControl
        size="xs"
        mb="sm"
        aria-label="Tool"
        data={tabs.map(({ value, label }) => ({ value, label }))}
        value={tool}
        onChange={value => setParams({ tool: value }, { replace: true })}
      />
      {tool === 'connections' ? (
        <Connections />
      ) : tool === 'neighbours' ? (
        <Neighbours />
      ) : (
        <ToolForm key={tool} tool={tool} />
      )}
    </>
  );
}
