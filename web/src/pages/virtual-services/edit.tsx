import { Button } from '@mantine/core';
import { IconCopy, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import type { RealServer } from '../../../../server/schema/real-server.ts';
import { titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { useCertificates, useServers, useServiceStatus, useServices } from '../../api/queries.ts';
import { useOpenBars } from '../../form/use-open-bars.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { Empty, ErrorPanel, Skeletons } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { ActiveSwitch } from './active-switch.tsx';
import { ServiceGraphs } from './graphs.tsx';
import { PersistencePanel } from './persistence-panel.tsx';
import { RuleTester } from './rule-tester.tsx';
import { ServersPanel } from './servers-panel.tsx';
import { DeleteDialog, DuplicateDialog } from './service-dialogs.tsx';
import { ServicePath } from './service-path.tsx';
import { Sentence } from './service-sentence.tsx';
import { ServiceSettings } from './service-settings.tsx';
import { FirstSubService, SubServicesPanel } from './sub-services-panel.tsx';
import './virtual-services.css';

/** One Virtual Service: how it does, its servers, its settings. */
export function EditPage({ id }: { id: number }) {
  const services = useServices();
  const servers = useServers();
  const certificates = useCertificates();
  const failed = [services, servers, certificates].find(query => query.error && !query.data);

  if (failed)
    return (
      <>
        <PageHeader title="Virtual Service" />
        <ErrorPanel
          what="The service could not be loaded"
          error={failed.error}
          still="Traffic does not pass through the console and goes on."
          retry={() => void failed.refetch()}
        />
      </>
    );
  if (!services.data || !servers.data || !certificates.data)
    return (
      <>
        <PageHeader title="Virtual Service" />
        <Skeletons rows={10} />
      </>
    );
  const vs = services.data.find(each => each.id === id);
  const subs = services.data.filter(each => each.parent === id);
  if (!vs)
    return (
      <>
        <PageHeader title="Virtual Service" />
        <Empty
          title={`There is no Virtual Service with number ${id}`}
          action={<Link to="/virtual-services">All Virtual Services</Link>}
        >
          Perhaps it was deleted. <Link to="/history">History</Link> can bring it back.
        </Empty>
      </>
    );
  const own = new Set([id, ...subs.map(sub => sub.id)]);
  return (
    <Loaded
      vs={vs}
      subs={subs}
      servers={servers.data.filter(rs => own.has(rs.virtualService))}
      certificates={certificates.data}
      services={services.data}
    />
  );
}

interface LoadedProps {
  vs: VirtualService;
  subs: VirtualService[];
  /** Its own, or those of its SubVSs. */
  servers: RealServer[];
  certificates: CertificateView[];
  services: VirtualService[];
}

function Loaded({ vs, subs, servers, certificates, services }: LoadedProps) {
  const status = useServiceStatus(vs.id);
  const administrator = useMay('administrator');
  const navigate = useNavigate();
  const bars = useOpenBars('virtualService');
  const parent = services.find(each => each.id === vs.parent);
  const [dialog, setDialog] = useState<'duplicate' | 'delete'>();
  const close = () => setDialog(undefined);

  return (
    <>
      <PageHeader
        title={vs.parent > 0 && !vs.name ? `SubVS ${vs.id}` : titleOf(vs)}
        beside={<StateBadge state={status?.state ?? 'pending'} />}
        sentence={
          <>
            {parent && (
              <>
                SubVS of{' '}
                <Link to={`/virtual-services/${parent.id}`} style={{ textDecoration: 'underline' }}>
                  {titleOf(parent)}
                </Link>
                .{' '}
              </>
            )}
            <Sentence vs={vs} servers={servers} />
          </>
        }
        actions={
          <>
            <ActiveSwitch vs={vs} />
            {administrator && (
              <>
                <Button variant="default" leftSection={<IconCopy size={14} />} onClick={() => setDialog('duplicate')}>
                  Duplicate
                </Button>
                <Button
                  variant="default"
                  color="red"
                  leftSection={<IconTrash size={14} />}
                  onClick={() => setDialog('delete')}
                >
                  Delete
                </Button>
              </>
            )}
          </>
        }
      />
      <ServicePath vs={vs} servers={servers} certificates={certificates} onOpen={bars.show} />
      {subs.length > 0 ? <SubServicesPanel vs={vs} subs={subs} /> : <ServersPanel vs={vs} servers={servers} />}
      {administrator && vs.parent === 0 && vs.type === 'http' && subs.length + servers.length === 0 && (
        <FirstSubService vs={vs} />
      )}
      <ServiceGraphs of={`service:${vs.id}`} http={vs.type === 'http'} />
      {vs.type === 'http' && vs.parent === 0 && <RuleTester vs={vs} subs={subs} servers={servers} />}
      {subs.length === 0 && <PersistencePanel vs={vs} />}
      <ServiceSettings vs={vs} services={services} certificates={certificates} bars={bars} />
      {dialog === 'duplicate' && <DuplicateDialog vs={vs} opened onClose={close} />}
      {dialog === 'delete' && (
        <DeleteDialog
          vs={vs}
          opened
          onClose={close}
          onDeleted={() => navigate(vs.parent > 0 ? `/virtual-services/${vs.parent}` : '/virtual-services')}
        />
      )}
    </>
  );
}
