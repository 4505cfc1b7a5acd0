import { Button } from '@mantine/core';
import { IconRoute } from '@tabler/icons-react';
import { useState } from 'react';
import type { Hop, PathQuestion, PathReport, ServerPath } from '../../../../server/schema/return-path.ts';
import { endpoint } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { call, Problem } from '../../api/call.ts';
import { useServers } from '../../api/queries.ts';
import type { Form } from '../../form/use-form.ts';
import { StateMark } from '../../parts/state-badge.tsx';
import { ErrorPanel } from '../../parts/states.tsx';
import './path-check.css';

/** Asks the network whether packets find their way there and back, with the settings as they are now, saved or not. */
export function PathCheck({ form }: { form: Form<'virtualService'> }) {
  const servers = useServers(form.stored.id).data ?? [];
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<{ report: PathReport; with: string }>();
  const [problem, setProblem] = useState<Problem>();
  const question = questionOf(form.value, servers);
  const now = JSON.stringify(question);

  const run = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      setFound({ report: await call('checkPath', { body: question }), with: now });
    } catch (error) {
      setFound(undefined);
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
          leftSection={<IconRoute size={14} aria-hidden />}
          loading={busy}
          onClick={() => void run()}
        >
          Check the Path
        </Button>
        <span className="quiet">
          Connects to every server and looks whether its answers would come back. Takes a few seconds, changes nothing.
        </span>
      </div>
      {problem && <ErrorPanel what="The path could not be checked" error={problem} />}
      {found && !busy && (
        <div className="path-report" role="status">
          {found.with !== now && <p className="quiet">The settings were changed since.</p>}
          <p>
            <StateMark state={found.report.address.good ? 'up' : 'down'} /> {found.report.address.sentence}
          </p>
          {found.report.servers.map(path => (
            <Way key={`${path.address} ${path.port}`} path={path} />
          ))}
        </div>
      )}
    </>
  );
}

function Way({ path }: { path: ServerPath }) {
  return (
    <section aria-label={`The path to ${endpoint(path.address, path.port)}`}>
      <p>
        <StateMark state={path.good ? 'up' : 'down'} /> {path.sentence}
      </p>
      <ol className="path-hops">
        {path.hops.map(hop => (
          <Step key={`${hop.from} ${hop.to}`} hop={hop} broken={!path.good && hop.from === 'server'} />
        ))}
      </ol>
    </section>
  );
}

function Step({ hop, broken }: { hop: Hop; broken: boolean }) {
  return (
    <li data-broken={broken || undefined}>
      <span className="quiet">
        {hop.from} → {hop.to}
      </span>
      <span className="figure">
        {hop.source} → {hop.target}
      </span>
    </li>
  );
}

function questionOf(vs: VirtualService, servers: readonly { address: string; port: number }[]): PathQuestion {
  const { address, port, protocol, layer, forwarding, transparent, subnetOriginating, sourceNat } = vs;
  return {
    ...{ address, port, protocol, layer, forwarding, transparent, subnetOriginating, sourceNat },
    servers: servers.map(rs => ({ address: rs.address, port: rs.port })),
  };
}
