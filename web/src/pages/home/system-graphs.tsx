import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { History } from '../../../../server/schema/status.ts';
import { useHistory } from '../../api/queries.ts';
import { bits, bytes, percent, rate, short } from '../../parts/format.ts';
import { LiveGraph } from '../../parts/live-graph.tsx';
import { Panel } from '../../parts/panel.tsx';
import { SPANS } from '../../parts/spans.ts';
import { Loaded } from '../../parts/states.tsx';

type Name = Exclude<keyof History, 'time'>;

/** Each graph: its title, the unit of its axis, and its lines. */
const GRAPHS: { title: string; unit: (value: number) => string; lines: [Name, string][]; max?: number }[] = [
  { title: 'Requests', unit: rate, lines: [['requestRate', 'requests']] },
  { title: 'New connections', unit: rate, lines: [['connectionRate', 'connections']] },
  { title: 'Open connections', unit: short, lines: [['connections', 'open']] },
  {
    title: 'Throughput',
    unit: bits,
    lines: [
      ['outRate', 'out'],
      ['inRate', 'in'],
    ],
  },
  { title: 'TLS handshakes', unit: rate, lines: [['tlsRate', 'handshakes']] },
  {
    title: 'Network',
    unit: bits,
    lines: [
      ['networkOut', 'out'],
      ['networkIn', 'in'],
    ],
  },
  { title: 'CPU', unit: percent, lines: [['cpu', 'used']], max: 100 },
  { title: 'Memory', unit: bytes, lines: [['memoryUsed', 'used']] },
];

/** How busy the appliance is, now and before. `memoryTotal` in bytes. */
export function SystemGraphs({ memoryTotal }: { memoryTotal: number }) {
  const [span, setSpan] = useState('3600');
  const history = useHistory('system', Number(span));
  return (
    <Panel
      title="Load"
      aside={
        <SegmentedControl
          size="xs"
          data={SPANS}
          value={span}
          onChange={setSpan}
          aria-label="Time span of the graphs"
          withItemsBorders={false}
        />
      }
    >
      <Loaded query={history} what="The graphs could not be loaded">
        {data => (
          <div className="home-graphs">
            {GRAPHS.map(({ title, unit, lines, max }) => {
              const top = title === 'Memory' ? memoryTotal : max;
              return (
                <LiveGraph
                  key={title}
                  title={title}
                  unit={unit}
                  time={data.time}
                  series={lines.map(([name, label]) => ({ label, values: data[name] ?? [] }))}
                  {...(top !== undefined && { max: top })}
                />
              );
            })}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
