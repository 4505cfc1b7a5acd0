import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Place } from '../compile/proxy.ts';
import { pathsOf } from '../paths.ts';
import { type Db, openReadOnly } from '../store/db.ts';
import { headOf, readConfig } from '../store/objects.ts';
import { DataPlane } from './data-plane.ts';
import { whyPowerless } from './network/privilege.ts';

const say = (text: string) => console.log(`${new Date().toISOString()} ${text}`);

const paths = pathsOf(process.env.BALLAST_DATA ?? './data');
const facts = {
  managementPort: Number(process.env.BALLAST_PORT ?? 8443),
  loopback: process.env.BALLAST_LOOPBACK === '1',
  appliance: process.env.BALLAST_APPLIANCE === '1',
};

if (await answers(paths.controlSocket)) {
  console.error(
    `Another data plane already runs on ${paths.data}. Stop it first, or set BALLAST_DATA to another folder.`,
  );
  process.exit(1);
}

const group = groupOf('ballast');
for (const folder of [paths.dataplane, paths.stages]) mkdirSync(folder, { recursive: true, mode: 0o700 });
// The API must be able to reach the control socket in here. A folder that is there already has been made so.
if (mkdirSync(paths.run, { recursive: true, mode: 0o710 }) && group !== undefined) chownSync(paths.run, 0, group);

const withStore = <T>(work: (db: Db) => T): T => {
  const db = openReadOnly(paths.database);
  try {
    return work(db);
  } finally {
    db.close();
  }
};
const store = { read: () => withStore(readConfig), head: () => withStore(headOf) };
const dataPlane = new DataPlane(paths, facts, placeHere(), store, await whyPowerless(), say);

let stopping = false;
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    if (stopping) return;
    stopping = true;
    dataPlane.stop().then(
      () => process.exit(0),
      error => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}

await dataPlane.start(group);
say('data plane ready');

function placeHere(): Place {
  return {
    statsSocket: paths.statsSocket,
    stateFile: paths.stateFile,
    peersSocket: paths.peersSocket,
    maxconn: maxconnHere(),
    engine: engineHere(),
  };
}

/** Such as 2.6; 0 when there is none, which is told when it does not start. */
function engineHere(): number {
  const said = spawnSync('haproxy', ['-v'], { encoding: 'utf8' }).stdout ?? '';
  return Number(/version (\d+\.\d+)/.exec(said)?.[1] ?? 0);
}

/** HAProxy needs two descriptors a connection and some for checks and listeners; it refuses to start with too few. */
function maxconnHere(): number {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  const files = limit === 'unlimited' || limit === undefined ? 1_000_000 : Number(limit);
  return Math.max(100, Math.min(100_000, Math.floor((files - 2_000) / 2)));
}

function groupOf(name: string): number | undefined {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find(entry => entry.startsWith(`${name}:`));
  return line ? Number(line.split(':')[2]) : undefined;
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise(done => {
    const socket = connect(socketPath);
    socket.on('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });
}
