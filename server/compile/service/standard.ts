import type { standardFields } from '../../schema/service/standard.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { balanceLines } from '../haproxy/balance.ts';
import { persistenceLines } from '../haproxy/persistence.ts';
import { elsewhere, type LinesOf, type World } from '../lines.ts';
import { word } from '../word.ts';

/** One entry per property of schema/service/standard.ts, in the order in which the lines are written. */
export const standardLines = {
  scheduling: (vs, world) => balanceLines(vs, world),
  // Asked and acted on by the data plane: dataplane/tuner.ts.
  adaptiveUrl: elsewhere,
  adaptivePort: elsewhere,
  adaptiveInterval: elsewhere,
  adaptiveMinPercent: elsewhere,
  persistence: (vs, world) => persistenceLines(vs, world),
  persistenceTimeout: elsewhere,
  persistenceCookie: elsewhere,
  persistenceHeader: elsewhere,
  persistenceQuery: elsewhere,
  persistenceMask4: elsewhere,
  persistenceMask6: elsewhere,
  refreshPersistence: elsewhere,
  followService: elsewhere,
  idleTimeout: (vs, world) => ({
    frontend: [...timeouts(vs, world, ['client', 'client-fin']), ...keepAlive(vs, world)],
    backend: timeouts(vs, world, ['server', 'server-fin', 'tunnel']),
  }),
} satisfies { [K in keyof typeof standardFields]: LinesOf };

const idle = (vs: VirtualService, { settings }: World) => vs.idleTimeout || settings.idleTimeout;

/** Half-closed connections too: who has sent all it had may still wait long for the answer. */
const timeouts = (vs: VirtualService, world: World, names: string[]) =>
  names.map(name => `timeout ${name} ${word(idle(vs, world))}s`);

const keepAlive = (vs: VirtualService, world: World) =>
  vs.type === 'http' ? [`timeout http-keep-alive ${word(Math.min(60, idle(vs, world)))}s`] : [];
