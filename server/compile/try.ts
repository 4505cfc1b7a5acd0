import { emptyConfig } from '../schema/config.ts';
import type { TryRequest } from '../schema/control.ts';
import { fill } from '../schema/derive.ts';
import { checkLines, checkWords } from './haproxy/checks.ts';
import { globalSections } from './haproxy/global.ts';
import type { Place, Server } from './proxy.ts';
import { render } from './render.ts';
import { word } from './word.ts';

/**
 * Configuration of an engine that does nothing but check some servers: no listener, one backend, its servers named
 * rs1, rs2 … in the order given. Every check comes within a second, and the first result decides.
 */
export function tryConfig({ service, settings, servers }: TryRequest, place: Place): string {
  const vs = { ...service, checkInterval: 1, checkRetries: 1 };
  const lines: Server[] = servers.map(({ address, port }, at) => {
    const rs = fill('realServer', { id: at + 1, virtualService: vs.id, address, port });
    return {
      name: `rs${rs.id}`,
      address,
      port,
      weight: 1,
      maxconn: 0,
      admin: 'ready',
      options: checkWords(rs, vs, emptyConfig(), settings),
      dynamic: false,
    };
  });
  const sections = globalSections(place, settings).filter(({ kind }) => kind === 'global' || kind === 'defaults');
  return render({
    sections: [
      ...sections,
      {
        kind: 'backend',
        name: `vs${vs.id}`,
        lines: [`mode ${word(vs.type)}`, ...checkLines(vs, settings)],
        servers: lines,
      },
    ],
    files: {},
  })['haproxy.cfg'] as string;
}
