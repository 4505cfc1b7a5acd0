import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useHistory } from '../../api/queries.ts';
import { bits, count, rate } from '../../parts/format.ts';
import { LiveGraph } from '../../parts/live-graph.tsx';
import { Panel } from '../../parts/panel.tsx';
import { SPANS } from '../../parts/spans.ts';
import { Loaded } from '../../parts/states.tsx';

/** Load of a service or server over time; what is there begins when the data plane started. */
export function ServiceGraphs({ of, http }: { of: string; http: boolean }) {
  const [seconds, setSeconds] = useState('3600');
  const history = useHistory(of, Number(seconds));
  return (
    <div id="load">
      <Panel
        title="Load"
        aside={
          <SegmentedControl size="xs" aria-label="Time shown" data={SPANS} value={seconds} onChange={setSeconds} />
        }
      >
        <div className="graph-row">
          <Loaded query={history} what="The history could not be loaded" still="Everything else on this page is right.">
            {data => (
              <>
                <LiveGraph
                  title="Open connections"
                  unit={count}
                  time={data.time}
                  series={[{ label: 'connections', values: data.connections }]}
                />
                <LiveGraph
                  title={http ? 'Requests' : 'New connections'}
                  unit={rate}
                  time={data.time}
                  series={[
                    http
                      ? { label: 'requests', values: data.requestRate }
                      : { label: 'connections', values: data.connectionRate },
                  ]}
                />
                <LiveGraph
                  title="Throughput"
                  unit={bits}
                  time={data.time}
                  series={[
                    { label: 'to clients', values: data.outRate },
                    { label: 'from clients', values: data.inRate },
                  ]}
                />
              </>
            )}
          </Loaded>
        </div>
      </Panel>
    </div>
  );
}
