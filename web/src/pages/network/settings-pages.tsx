import type { ReactNode } from 'react';
import { whyShutOut } from '../../../../server/schema/network/lets-in.ts';
import type { NetworkState } from '../../../../server/schema/network/state.ts';
import { Panel } from '../../parts/panel.tsx';
import { StateMark } from '../../parts/state-badge.tsx';
import { PageFrame } from './page-frame.tsx';
import { SettingsPanel } from './settings-panel.tsx';

const NAMES = ['hostName', 'dnsServers', 'searchDomains', 'hosts'] as const;
const TIME = ['ntpServers', 'timeZone'] as const;
const MANAGEMENT = [
  'managementFilter',
  'managementInterfaces',
  'managementNetworks',
  'managementSsh',
  'confirmTime',
] as const;

const FOREIGN =
  'This machine is not the appliance: its system sets this. What you store here takes effect on an appliance.';

/** What the machine calls itself, and how it finds others by name. */
export function NamesPage() {
  return (
    <PageFrame
      title="Name & DNS"
      sentence="What the appliance calls itself and whom it asks for names."
      foreign={FOREIGN}
    >
      {(config, state) => (
        <>
          {state && <NamesNow state={state} />}
          <SettingsPanel title="Name & DNS" names={NAMES} config={config} />
        </>
      )}
    </PageFrame>
  );
}

function NamesNow({ state }: { state: NetworkState }) {
  return (
    <Now>
      <Fact name="Host name">{state.hostName}</Fact>
      <Fact name="DNS name servers">{state.dnsServers.join(', ') || 'none'}</Fact>
      <Fact name="Search domains">{state.searchDomains.join(', ') || 'none'}</Fact>
    </Now>
  );
}

/** Who tells the time. */
export function TimePage() {
  return (
    <PageFrame
      title="Time"
      sentence="A wrong clock makes good certificates look bad, and logs that nobody can put together."
      foreign={FOREIGN}
    >
      {(config, state) => (
        <>
          {state && (
            <Now>
              <Fact name="Clock">
                {state.synchronised === null && 'nobody on this machine can tell whether it is kept right'}
                {state.synchronised === true && (
                  <>
                    <StateMark state="up" /> kept right by a time server
                  </>
                )}
                {state.synchronised === false && (
                  <>
                    <StateMark state="degraded" /> not kept right by any time server
                  </>
                )}
              </Fact>
            </Now>
          )}
          <SettingsPanel title="Time" names={TIME} config={config} />
        </>
      )}
    </PageFrame>
  );
}

/** Who may reach the console, and how a mistake is undone. */
export function ManagementPage() {
  return (
    <PageFrame
      title="Management Access"
      sentence="Who may reach this console. The Block and Allow List of Access Control come first."
    >
      {(config, state) => (
        <>
          {state && (
            <Now>
              <Fact name="You come from">
                <span className="figure">{state.caller.from}</span> to <span className="figure">{state.caller.at}</span>
              </Fact>
            </Now>
          )}
          <SettingsPanel
            title="Management Access"
            names={MANAGEMENT}
            config={config}
            {...(state && { warn: settings => whyShutOut(settings, config.interfaces, state.caller) })}
          />
        </>
      )}
    </PageFrame>
  );
}

function Now({ children }: { children: ReactNode }) {
  return (
    <Panel title="Now">
      <dl className="live-facts">{children}</dl>
    </Panel>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
