import { Button, Select } from '@mantine/core';
import { IconActivityHeartbeat } from '@tabler/icons-react';
import { useState } from 'react';
import { checkedBy, type TriedResult } from '../../../../server/schema/check.ts';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import { healthFields } from '../../../../server/schema/service/health.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { call, Problem } from '../../api/call.ts';
import { useServers } from '../../api/queries.ts';
import type { Form } from '../../form/use-form.ts';
import { plural } from '../../parts/format.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import { Verdict } from './check-history.tsx';
import './checks.css';

interface Props {
  form: Form<'virtualService'>;
  services: readonly VirtualService[];
}

/** Enhanced Options speak of this service's own servers: they stay when a check is copied. */
const OWN = new Set(['enhancedChecks', 'minimumServers', 'subCritical']);

/** Above the properties of a check: try it on every server as it is now, saved or not; take another service's. */
export function CheckTools({ form, services }: Props) {
  const servers = useServers(form.stored.id).data ?? [];
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState<{ results: TriedResult[]; with: string }>();
  const [problem, setProblem] = useState<Problem>();
  const now = JSON.stringify(checkOf(form.value));
  const none = form.value.checkType === 'none';
  const others = services.filter(vs => vs.id !== form.stored.id);

  const run = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const results = await call('tryChecks', {
        body: { service: checkOf(form.value), servers: servers.map(({ address, port }) => ({ address, port })) },
      });
      setTried({ results, with: now });
    } catch (error) {
      setTried(undefined);
      setProblem(error instanceof Problem ? error : new Problem('INTERNAL', 0, String(error)));
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <div className="check-tools">
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconActivityHeartbeat size={14} aria-hidden />}
          loading={busy}
          disabled={servers.length === 0 || none}
          onClick={() => void run()}
        >
          Check Now
        </Button>
        <span className="quiet">{wordsOf(servers, none, form.changed.length > 0)}</span>
        {others.length > 0 && (
          <Select
            size="xs"
            w={260}
            ml="auto"
            aria-label="Copy the check from another service"
            placeholder="Copy the check from…"
            searchable
            value={null}
            data={others.map(vs => ({ value: String(vs.id), label: titleOf(vs) }))}
            onChange={id => {
              const from = others.find(vs => String(vs.id) === id);
              if (from) form.set(copied(from));
            }}
          />
        )}
      </div>
      {problem && <ErrorPanel what="The check could not be run" error={problem} />}
      {tried && !busy && <Results results={tried.results} stale={tried.with !== now} />}
    </>
  );
}

function wordsOf(servers: readonly RealServer[], none: boolean, unsaved: boolean): string {
  if (none) return 'There is no check to run.';
  if (servers.length === 0) return 'There is no Real Server to check.';
  return `Runs the check once on ${plural(servers.length, 'server')}${unsaved ? ', with what is not saved yet' : ''}.`;
}

function Results({ results, stale }: { results: TriedResult[]; stale: boolean }) {
  const up = results.filter(result => result.up).length;
  return (
    <div className="check-results">
      <p role="status">
        {up === results.length ? `All ${results.length} are well.` : `${up} of ${results.length} are well.`}
        {stale && <span className="quiet"> The settings were changed since.</span>}
      </p>
      <table className="checks" aria-label="Results of the check">
        <tbody>
          {results.map(({ address, port, ...result }) => (
            <tr key={`${address} ${port}`}>
              <td className="figure">{endpoint(address, port)}</td>
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
    </div>
  );
}

const checkOf = (vs: VirtualService): Partial<VirtualService> =>
  Object.fromEntries(checkedBy.map(name => [name, vs[name]]));

const copied = (from: VirtualService): Partial<VirtualService> =>
  Object.fromEntries(
    Object.keys(healthFields)
      .filter(name => !OWN.has(name))
      .map(name => [name, from[name as keyof VirtualService]]),
  );
