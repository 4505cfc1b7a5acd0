import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { lookupTypes, type Tool, type ToolRequest } from '../../../../server/schema/tools.ts';
import { Problem } from '../../api/call.ts';
import { useMutate } from '../../api/mutate.tsx';
import { useStatus } from '../../api/queries.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import { RunView } from './run-view.tsx';

type Values = Record<string, string | number>;

/** What each tool asks, and what is filled in. */
const FIELDS: Record<Tool, { first: Values; names: readonly string[]; act: string; words: string }> = {
  ping: {
    first: { host: '', count: 4, size: 56, source: '' },
    names: ['host', 'count', 'size', 'source'],
    act: 'Ping',
    words: 'Does a host answer, how quickly, and with what losses?',
  },
  traceroute: {
    first: { host: '', source: '' },
    names: ['host', 'source'],
    act: 'Trace',
    words: 'Which routers lie on the way to a host?',
  },
  lookup: {
    first: { host: '', type: 'A', server: '' },
    names: ['host', 'type', 'server'],
    act: 'Look Up',
    words: 'What does the name server say?',
  },
  connect: {
    first: { host: '', port: 443, source: '' },
    names: ['host', 'port', 'source'],
    act: 'Connect',
    words: 'Does somebody listen on a TCP port, as seen from this machine or one of its addresses?',
  },
  capture: {
    first: { link: '', address: '', port: '', protocol: '', packets: 1_000, seconds: 30 },
    names: ['link', 'address', 'port', 'protocol', 'packets', 'seconds'],
    act: 'Capture',
    words: 'Packets of an interface as a file for Wireshark; it ends at the first limit that is reached.',
  },
};

const LABELS: Record<string, string> = {
  host: 'Host',
  count: 'Packets',
  size: 'Bytes of Each',
  source: 'From Address',
  type: 'Type',
  server: 'Name Server',
  port: 'Port',
  link: 'Interface',
  address: 'Only Address',
  protocol: 'Only Protocol',
  packets: 'At Most Packets',
  seconds: 'At Most Seconds',
};

/** One tool: its questions, and below what came of them. */
export function ToolForm({ tool }: { tool: Tool }) {
  const { first, names, act, words } = FIELDS[tool];
  const [values, setValues] = useState<Values>(first);
  const [run, setRun] = useState<number>();
  const start = useMutate('runTool', { quiet: true });
  const links = useStatus(live => live.links.map(link => link.name).join(' '))?.split(' ') ?? [];
  const needed = tool === 'capture' ? 'link' : 'host';

  const go = async (event: FormEvent) => {
    event.preventDefault();
    // What is left empty is not asked for.
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
    const reply = await start.run({ body: { tool, ...given } as ToolRequest });
    if (reply) setRun(reply.id);
  };
  const field = (name: string) => {
    const set = (value: string | number | null) => setValues(old => ({ ...old, [name]: value ?? '' }));
    const common = { label: LABELS[name] ?? name, size: 'xs' as const };
    const list =
      name === 'link' ? links : name === 'type' ? [...lookupTypes] : name === 'protocol' ? PROTOCOLS : undefined;
    if (list)
      return (
        <Select
          key={name}
          {...common}
          data={list}
          value={String(values[name]) || null}
          onChange={set}
          placeholder={name === 'protocol' ? 'any' : 'choose…'}
          clearable={name === 'protocol'}
        />
      );
    if (typeof first[name] === 'number' || name === 'port')
      return <NumberInput key={name} {...common} min={0} value={values[name] ?? ''} onChange={set} placeholder="any" />;
    return (
      <TextInput
        key={name}
        {...common}
        value={values[name] ?? ''}
        onChange={event => set(event.currentTarget.value.trim())}
        placeholder={PLACEHOLDERS[name] ?? ''}
        autoComplete="off"
        spellCheck={false}
      />
    );
  };

  return (
    <>
      <p className="quiet">{words}</p>
      <form className="tool-form" onSubmit={go}>
        {names.map(field)}
        <Button type="submit" size="xs" loading={start.busy} disabled={values[needed] === ''}>
          {act}
        </Button>
      </form>
      {start.problem instanceof Problem && <ErrorPanel what="It was not begun" error={start.problem} />}
      {run !== undefined && <RunView key={run} id={run} />}
    </>
  );
}

const PROTOCOLS = ['tcp', 'udp', 'icmp', 'arp'];
const PLACEHOLDERS: Record<string, string> = {
  host: 'address or name',
  source: 'automatic',
  server: 'the system’s own',
  address: 'any',
};
