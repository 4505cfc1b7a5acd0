import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { metaOf } from '../../../server/schema/fields.ts';
import { endpoint, titleOf } from '../../../server/schema/rules.ts';
import { virtualService } from '../../../server/schema/virtual-service.ts';
import { useCertificates, useServers, useServices } from '../api/queries.ts';
import { pages } from './menu.ts';
import { useMay } from './session.tsx';

/** Ctrl-K: go to a page, find any object by name or address, any setting by its label. */
export function Search() {
  const groups = useGroups();
  return (
    <Spotlight
      actions={groups}
      limit={12}
      shortcut="mod + K"
      tagsToIgnore={[]}
      nothingFound="Nothing found"
      highlightQuery
      scrollable
      attributes={{ content: { 'aria-label': 'Search or jump' } }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      maxHeight={420}
      searchProps={{
        leftSection: <IconSearch size={16} />,
        placeholder: 'A page, name, address, certificate or setting…',
        'aria-label': 'Search',
      }}
    />
  );
}

function useGroups(): SpotlightActionGroupData[] {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const administrator = useMay('administrator');
  const { data: services } = useServices();
  const { data: servers } = useServers();
  const { data: certificates } = useCertificates();
  // A setting is looked for in the service on screen, else in the list of them.
  const here = /^\/virtual-services\/\d+/.exec(pathname)?.[0] ?? '/virtual-services';

  return useMemo(() => {
    const titles = new Map(services?.map(vs => [vs.id, titleOf(vs)]));
    const go = (to: string) => () => navigate(to);
    const settings = Object.entries(virtualService.properties).filter(([name]) => name !== 'id');
    return [
      {
        group: 'Pages',
        actions: pages
          .filter(page => page.to.startsWith('/') && !page.to.startsWith('/api/'))
          .filter(page => administrator || page.role !== 'administrator')
          .map(page => ({ id: `page:${page.to}`, label: page.label, description: page.group, onClick: go(page.to) })),
      },
      {
        group: 'Virtual Services',
        actions: (services ?? []).map(vs => ({
          id: `vs:${vs.id}`,
          label: titleOf(vs),
          description: endpoint(vs.address, vs.port),
          onClick: go(`/virtual-services/${vs.id}`),
        })),
      },
      {
        group: 'Real Servers',
        actions: (servers ?? []).map(rs => ({
          id: `rs:${rs.id}`,
          label: endpoint(rs.address, rs.port),
          description: `in ${titles.get(rs.virtualService) ?? `service ${rs.virtualService}`}`,
          onClick: go(`/virtual-services/${rs.virtualService}#server-${rs.id}`),
        })),
      },
      {
        group: 'Certificates',
        actions: (certificates ?? []).map(certificate => ({
          id: `certificate:${certificate.id}`,
          label: certificate.name,
          description: certificate.names.join(', '),
          onClick: go(`/certificates/${certificate.id}`),
        })),
      },
      {
        group: 'Settings',
        actions: settings.map(([name, schema]) => ({
          id: `setting:${name}`,
          label: metaOf(schema).label,
          description: metaOf(schema).help,
          onClick: go(`${here}#${name}`),
        })),
      },
    ];
  }, [services, servers, certificates, administrator, here, navigate]);
}
