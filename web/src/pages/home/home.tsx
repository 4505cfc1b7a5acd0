import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { useConnection, useServers, useServices, useStatus } from '../../api/queries.ts';
import { timeOf } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { StateMark } from '../../parts/state-badge.tsx';
import { Empty, ErrorPanel, Skeletons } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { sentenceOf, troublesOf, verdictOf } from './condition.ts';
import { CountStrip } from './count-strip.tsx';
import { EndingCertificates } from './ending-certificates.tsx';
import { LastChanges } from './last-changes.tsx';
import { LastOccurrences } from './last-occurrences.tsx';
import { SystemGraphs } from './system-graphs.tsx';
import { TroubleList } from './trouble-list.tsx';
import './home.css';

/** Is everything all right, and if not: what, since when, why. */
export function HomePage() {
  const live = useStatus();
  const services = useServices();
  const servers = useServers();
  const connection = useConnection();
  const may = useMay('administrator');

  if (services.error && !services.data)
    return (
      <>
        <PageHeader title="Home" />
        <ErrorPanel
          what="The configuration could not be loaded"
          error={services.error}
          still="Traffic does not pass through the console and goes on."
          retry={() => void services.refetch()}
        />
      </>
    );
  if (!services.data || !servers.data || !live)
    return (
      <>
        <PageHeader title="Home" sentence={connection.state === 'connecting' ? 'Asking the appliance…' : ''} />
        <Skeletons rows={8} />
      </>
    );

  const empty = services.data.length === 0;
  const old = connection.state === 'lost' || connection.state === 'quiet';
  const sentence = empty ? 'No Virtual Service is set up yet.' : sentenceOf(live);
  return (
    <>
      <PageHeader
        title="Home"
        sentence={
          <strong className="verdict">
            {!empty && <StateMark state={verdictOf(live)} />}
            {old ? `At ${timeOf(connection.heard)}: ${sentence}` : sentence}
          </strong>
        }
      />
      {empty ? (
        <Empty
          title="Nothing is balanced yet"
          action={
            may && (
              <Button component={Link} to="/virtual-services/new">
                Add a Virtual Service
              </Button>
            )
          }
        >
          A Virtual Service is an address and a port that clients connect to. Ballast spreads them over its Real
          Servers.
        </Empty>
      ) : (
        <>
          <CountStrip live={live} />
          <TroubleList troubles={troublesOf(live, services.data, servers.data)} />
        </>
      )}
      <SystemGraphs memoryTotal={live.system.memoryTotal} />
      <div className="home-thirds">
        <EndingCertificates />
        <LastChanges />
        <LastOccurrences />
      </div>
    </>
  );
}
