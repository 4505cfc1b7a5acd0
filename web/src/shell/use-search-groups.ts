import type { SpotlightActionGroupData } from '@mantine/spotlight';
import { useMemo } from 'react';
import { useLocation, useNavigate } from 'react-router';
import type { Role } from '../../../server/schema/account.ts';
import { metaOf } from '../../../server/schema/fields.ts';
import { endpoint, titleOf } from '../../../server/schema/rules.ts';
import { settings } from '../../../server/schema/settings.ts';
import { virtualService } from '../../../server/schema/virtual-service.ts';
import {
  useAuthorities,
  useCertificates,
  useCipherSets,
  useContentRules,
  useServers,
  useServices,
} from '../api/queries.ts';
import { useAcmeAccounts } from '../pages/acme/queries.ts';
import { useInterfaces, useRoutes } from '../pages/network/queries.ts';
import { useTemplates } from '../pages/templates/queries.ts';
import { pages } from './menu.ts';
import { useMay } from './session.tsx';

/** Where the settings of the appliance stand that have pages of their own; all others are on one page. */
const PAGES = { gateways: 'routes', names: 'names', time: 'time', management: 'management' } as Record<string, string>;

/** Everything that can be looked for: pages, objects by name or address, and every setting by its label. */
export function useSearchGroups(): SpotlightActionGroupData[] {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const administrator = useMay('administrator');
  const services = useServices().data;
  const servers = useServers().data;
  const certificates = useCertificates().data;
  const rules = useContentRules().data;
  const templates = useTemplates().data;
  const authorities = useAuthorities().data;
  const cipherSets = useCipherSets().data;
  const accounts = useAcmeAccounts().data;
  const interfaces = useInterfaces().data;
  const routes = useRoutes().data;
  // A property is looked for in the service on screen, else in the list of them.
  const here = /^\/virtual-services\/\d+/.exec(pathname)?.[0] ?? '/virtual-services';

  return useMemo(() => {
    const titles = new Map(services?.map(vs => [vs.id, titleOf(vs)]));
    const group = <T>(
      title: string,
      list: readonly T[] | undefined,
      of: (one: T) => [key: string, label: string, words: string, to: string],
    ) => ({
      group: title,
      actions: (list ?? []).map(one => {
        const [key, label, description, to] = of(one);
        return { id: `${title}:${key}`, label, description, onClick: () => navigate(to) };
      }),
    });
    const found = (page: string, name: string) => `${page}?find=${encodeURIComponent(name)}`;
    const entries = (properties: object) => Object.entries(properties).filter(([name]) => name !== 'id');
    const may = (role: Role | undefined) => administrator || role !== 'administrator';
    return [
      group(
        'Pages',
        pages.filter(page => page.to.startsWith('/') && !page.to.startsWith('/api/') && may(page.role)),
        page => [page.to, page.label, page.group, page.to],
      ),
      group('Virtual Services', services, vs => [
        String(vs.id),
        titleOf(vs),
        vs.parent > 0 ? `SubVS of ${titles.get(vs.parent) ?? '?'}` : endpoint(vs.address, vs.port),
        `/virtual-services/${vs.id}`,
      ]),
      group('Real Servers', servers, rs => [
        String(rs.id),
        endpoint(rs.address, rs.port),
        `in ${titles.get(rs.virtualService) ?? `service ${rs.virtualService}`}`,
        `/virtual-services/${rs.virtualService}#server-${rs.id}`,
      ]),
      group('Certificates', certificates, one => [
        String(one.id),
        one.name,
        one.names.join(', '),
        `/certificates/${one.id}`,
      ]),
      group('Content Rules', rules, one => [String(one.id), one.name, one.pattern, found('/content-rules', one.name)]),
      group('Templates', templates, one => [one.key, one.name, 'template', `/templates/${one.key}`]),
      group('Intermediate Certs', authorities, one => [
        String(one.id),
        one.name,
        'authority',
        found('/certificates/authorities', one.name),
      ]),
      group('Cipher Sets', cipherSets, one => [
        String(one.id),
        one.name,
        one.ciphers,
        found('/certificates/cipher-sets', one.name),
      ]),
      group('ACME Accounts', accounts, one => [String(one.id), one.name, one.directory, '/certificates/acme']),
      group('Interfaces', interfaces, one => [
        String(one.id),
        one.name,
        one.addresses.join(', '),
        '/network/interfaces',
      ]),
      group('Routes', routes, one => [String(one.id), one.destination, `by ${one.gateway}`, '/network/routes']),
      group('Properties of a Service', entries(virtualService.properties), ([name, schema]) => [
        name,
        metaOf(schema).label,
        metaOf(schema).help ?? '',
        `${here}#${name}`,
      ]),
      group('Settings', entries(settings.properties), ([name, schema]) => {
        const { label, help, group } = metaOf(schema);
        const page = PAGES[group ?? ''];
        return [name, label, help ?? '', `${page ? `/network/${page}` : '/settings'}#${name}`];
      }),
    ];
  }, [
    services,
    servers,
    certificates,
    rules,
    templates,
    authorities,
    cipherSets,
    accounts,
    interfaces,
    routes,
    administrator,
    here,
    navigate,
  ]);
}
