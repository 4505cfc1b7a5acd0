import { useMemo } from 'react';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import { useServers, useServices, useStatus } from '../../api/queries.ts';
import type { ObjectKind } from './measures.ts';

export interface MeasuredObject {
  /** As the API names it: `service:3`. */
  of: string;
  name: string;
}

/** Everything of a kind that is measured, by name; undefined until it is known. */
export function useObjects(kind: ObjectKind): MeasuredObject[] | undefined {
  const services = useServices().data;
  const servers = useServers().data;
  const links = useStatus(live => live.links.map(link => link.name).join(' '));
  return useMemo(() => {
    const byName = (list: MeasuredObject[]) =>
      list.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    if (kind === 'system') return [{ of: 'system', name: 'The appliance' }];
    if (kind === 'interface')
      return links?.split(' ').flatMap(name => (name === '' ? [] : [{ of: `interface:${name}`, name }]));
    if (!services) return undefined;
    if (kind === 'service') return byName(services.map(vs => ({ of: `service:${vs.id}`, name: titleOf(vs) })));
    const titles = new Map(services.map(vs => [vs.id, titleOf(vs)]));
    return (
      servers &&
      byName(
        servers.map(rs => ({
          of: `server:${rs.id}`,
          name: `${endpoint(rs.address, rs.port)} in ${titles.get(rs.virtualService) ?? '?'}`,
        })),
      )
    );
  }, [kind, services, servers, links]);
}
