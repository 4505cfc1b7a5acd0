import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** Where everything lies below one data folder. All absolute. */
export interface Paths {
  data: string;
  /** Owned by the API's user: the database, its copies. */
  store: string;
  database: string;
  copies: string;
  /** Where the machine's own console comes in; a path too long for a socket stays closed. */
  consoleSocket: string;
  /** An update file as it is sent. */
  update: string;
  /** The console's own certificate and key. */
  tls: string;
  /** Root's only: rendered sets, what is applied. */
  dataplane: string;
  stages: string;
  /** Symlink to the stage in force. */
  live: string;
  applied: string;
  stateFile: string;
  /** Until when disabled servers drain. */
  drains: string;
  /** What was counted so far, for a new data plane to go on from. */
  totals: string;
  /** What was measured, up to a year. */
  trafficHistory: string;
  /** The last events. */
  events: string;
  /** Packets that were captured, until they are fetched. */
  captures: string;
  run: string;
  controlSocket: string;
  statsSocket: string;
  masterSocket: string;
  pidFile: string;
  /** Name in the abstract socket namespace, as HAProxy writes it. */
  peersSocket: string;
  /** Name of our nftables table. */
  packetTable: string;
  /** Name of the table that guards the machine itself. */
  guardTable: string;
  /** The network that holds, the change of it that waits to be confirmed, and what of it is ours. */
  network: string;
  networkWaiting: string;
  networkOwned: string;
}

/** A unix socket's path may have 107 bytes; longer data folders get their sockets under /run. */
const SOCKET_PATH_LIMIT = 100;

export function pathsOf(dataFolder: string): Paths {
  const data = resolve(dataFolder);
  const mark = createHash('sha256').update(data).digest('hex').slice(0, 8);
  const inside = join(data, 'run');
  const run =
    Buffer.byteLength(join(inside, 'haproxy-master.sock')) > SOCKET_PATH_LIMIT ? `/run/ballast-${mark}` : inside;
  const dataplane = join(data, 'dataplane');
  const store = join(data, 'store');
  return {
    data,
    store,
    database: join(store, 'config.db'),
    copies: join(store, 'copies'),
    consoleSocket: join(store, 'console.sock'),
    update: join(store, 'update.part'),
    tls: join(data, 'tls'),
    dataplane,
    stages: join(dataplane, 'stage'),
    live: join(dataplane, 'live'),
    applied: join(dataplane, 'applied.json'),
    stateFile: join(dataplane, 'server-state'),
    drains: join(dataplane, 'drains.json'),
    totals: join(dataplane, 'totals.json'),
    events: join(dataplane, 'events.log'),
    captures: join(dataplane, 'captures'),
    trafficHistory: join(dataplane, 'history.db'),
    run,
    controlSocket: join(run, 'control.sock'),
    statsSocket: join(run, 'haproxy.sock'),
    masterSocket: join(run, 'haproxy-master.sock'),
    pidFile: join(run, 'haproxy.pid'),
    peersSocket: `abns@ballast-${mark}`,
    packetTable: `ballast-${mark}`,
    guardTable: `ballast-${mark}-guard`,
    network: join(dataplane, 'network.json'),
    networkWaiting: join(dataplane, 'network-waiting.json'),
    networkOwned: join(dataplane, 'network-owned.json'),
  };
}
