import { Button, Group } from '@mantine/core';
import { syslogProblems } from '../../../../server/schema/problems/syslog.ts';
import { type SyslogState, syslogSettings } from '../../../../server/schema/syslog.ts';
import { useMutate } from '../../api/mutate.tsx';
import { count } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { StateMark } from '../../parts/state-badge.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { AlertPage } from './alert-page.tsx';
import { useSyslogState } from './queries.ts';
import './alerts.css';

const NAMES = Object.keys(syslogSettings) as (keyof typeof syslogSettings)[];
const MARKS = { unused: 'pending', sending: 'up', failing: 'down' } as const;

/** Events sent to syslog targets as they happen. */
export function SyslogPage() {
  return (
    <AlertPage
      title="Syslog"
      sentence="Events are sent as they happen, by RFC 5424. While a target is away the last 1,000 wait for it."
      names={NAMES}
      trust="syslogTrust"
      problems={syslogProblems}
      now={() => <Now />}
    />
  );
}

function Now() {
  const state = useSyslogState();
  const may = useMay('administrator');
  const test = useMutate('testSyslog', { done: told });
  const none = (state.data ?? []).length === 0;
  return (
    <Panel
      title="Targets now"
      aside={
        <Button
          size="compact-xs"
          variant="default"
          loading={test.busy}
          disabled={!may || none}
          title={none ? 'There is no target yet.' : undefined}
          onClick={() => void test.run({})}
        >
          Send a test message
        </Button>
      }
    >
      <Loaded query={state} what="How the targets are doing could not be read" still="Messages go on.">
        {targets =>
          targets.length === 0 ? (
            <p className="quiet alerts-none">No target yet. Name one below.</p>
          ) : (
            <dl className="live-facts">
              {targets.map(target => (
                <Target key={target.target} state={target} />
              ))}
            </dl>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Target({ state }: { state: SyslogState }) {
  const { target, level, sent, waiting, lost, reason } = state;
  return (
    <>
      <dt>{target}</dt>
      <dd>
        <Group gap={6}>
          <StateMark state={MARKS[state.state]} />
          <span>
            {level} and graver; {count(sent)} sent
            {waiting > 0 && `, ${count(waiting)} waiting`}
            {lost > 0 && `, ${count(lost)} lost`}
            {reason !== '' && `: ${reason}`}
          </span>
        </Group>
      </dd>
    </>
  );
}

function told(targets: readonly SyslogState[]): string {
  const failing = targets.filter(({ state }) => state === 'failing').length;
  return failing === 0 ? 'The test message was sent to every target' : `${failing} of ${targets.length} targets failed`;
}
