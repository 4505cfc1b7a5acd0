import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { CheckResult } from '../../../../server/schema/check.ts';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint } from '../../../../server/schema/rules.ts';
import { call } from '../../api/call.ts';
import { useServerStatus } from '../../api/queries.ts';
import { exactly, timeOf } from '../../parts/format.ts';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import './checks.css';

/** Milliseconds between two looks while the panel is open. */
const AGAIN = 2_000;

/** The last results of one server's health check, newest first. */
export function CheckHistory({ rs, onClose }: { rs: RealServer; onClose: () => void }) {
  const status = useServerStatus(rs.id);
  const checks = useQuery({
    queryKey: ['checks', rs.id],
    queryFn: ({ signal }) => call('getServerChecks', { params: { id: rs.id }, signal }),
    refetchInterval: AGAIN,
    gcTime: 0,
  });
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={`Health checks of ${endpoint(rs.address, rs.port)}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <p className="check-now">
        <StateBadge state={status?.state ?? 'pending'} /> {status?.reason}
      </p>
      <Loaded query={checks} what="The results could not be loaded">
        {results =>
          results.length === 0 ? (
            <Empty title="No result yet">
              {rs.follow > 0
                ? 'This server has the health of the server it follows: look there.'
                : status?.state === 'unchecked'
                  ? 'Its service checks nobody.'
                  : 'Results are kept since the data plane started.'}
            </Empty>
          ) : (
            <Results results={results} />
          )
        }
      </Loaded>
    </Drawer>
  );
}

function Results({ results }: { results: CheckResult[] }) {
  return (
    <table className="checks">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Result</th>
          <th scope="col" className="right">
            Took
          </th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {results.map((result, at) => (
          <tr key={`${result.time} ${result.duration}`} data-turn={turn(results, at) ? '' : undefined}>
            <td className="figure" title={exactly(result.time)}>
              {timeOf(result.time)}
            </td>
            <td>
              <Verdict up={result.up} />
              {result.code > 0 && <span className="figure"> {result.code}</span>}
            </td>
            <td className="figure right">{result.duration} ms</td>
            <td>{result.reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Was the one before of the other kind? */
const turn = (results: readonly CheckResult[], at: number) =>
  at + 1 < results.length && results[at]?.up !== results[at + 1]?.up;

/** Good or not: shape, word and colour. */
export function Verdict({ up }: { up: boolean }) {
  return (
    <span className="toned" data-tone={up ? 'good' : 'bad'}>
      {up ? '● good' : '✕ failed'}
    </span>
  );
}
