import { Button, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useServers, useServices } from '../../api/queries.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { COUNTED, type CountedName } from './counted.ts';
import { LinkTable } from './link-table.tsx';
import { kindsOfObjects } from './measures.ts';
import { ResetDialog } from './reset-dialog.tsx';
import { ServerTable } from './server-table.tsx';
import { ServiceTable } from './service-table.tsx';
import { SystemTable } from './system-table.tsx';
import './statistics.css';

/** What goes through the appliance now and in the last hour, in tables. */
export function RealTimePage() {
  const [params, setParams] = useSearchParams();
  const [resetting, setResetting] = useState(false);
  const may = useMay('administrator');
  const kind = kindsOfObjects.find(each => each.value === params.get('kind'))?.value ?? 'service';
  const counted = countedNames.find(name => name === params.get('count')) ?? 'connections';
  const service = Number(params.get('service')) || 0;
  const services = useServices();
  const servers = useServers();

  const set = (changes: Record<string, string>) => {
    const next = new URLSearchParams(params);
    for (const [name, value] of Object.entries(changes))
      if (value === '') next.delete(name);
      else next.set(name, value);
    setParams(next, { replace: true });
  };
  const count = (
    <SegmentedControl
      size="xs"
      ml="auto"
      aria-label="What is counted"
      data={countedNames.map(value => ({ value, label: COUNTED[value].label }))}
      value={counted}
      onChange={value => set({ count: value })}
    />
  );

  return (
    <>
      <PageHeader
        title="Real Time Statistics"
        sentence="Rates are those of this second; what came in the last hour is counted anew every few seconds."
        actions={
          may && (
            <Button variant="default" onClick={() => setResetting(true)}>
              Reset Statistics
            </Button>
          )
        }
      />
      <div className="history-choice">
        <SegmentedControl
          size="xs"
          aria-label="What is shown"
          data={kindsOfObjects.map(each => ({ ...each }))}
          value={kind}
          onChange={value => set({ kind: value, service: '' })}
        />
      </div>
      {kind === 'system' && <SystemTable />}
      {kind === 'interface' && <LinkTable />}
      {(kind === 'service' || kind === 'server') && (
        <Loaded
          query={services}
          what="The Virtual Services could not be loaded"
          still="Traffic does not pass through the console and goes on."
        >
          {list =>
            kind === 'service' ? (
              <ServiceTable
                services={list}
                counted={counted}
                tools={count}
                onOpen={id => set({ kind: 'server', service: String(id) })}
              />
            ) : (
              <Loaded query={servers} what="The Real Servers could not be loaded">
                {all => (
                  <ServerTable
                    services={list}
                    servers={all}
                    counted={counted}
                    tools={count}
                    service={service}
                    onService={id => set({ service: id === 0 ? '' : String(id) })}
                  />
                )}
              </Loaded>
            )
          }
        </Loaded>
      )}
      <ResetDialog opened={resetting} onClose={() => setResetting(false)} />
    </>
  );
}

const countedNames = Object.keys(COUNTED) as CountedName[];
