import type { IncomingMessage } from 'node:http';
import { get } from 'node:http';
import { get as getTls } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathsOf } from '../../paths.ts';
import type { Status } from '../../schema/status.ts';
import { Slots } from './slots.ts';

/**
 * Run once after a start from a slot that is only tried: seen well for ten seconds in a row it becomes the good one.
 * Ends with 1 when it is not in time; its unit then restarts the machine, which starts the other slot.
 */
const LONGEST = Number(process.env.BALLAST_CONFIRM_SECONDS ?? 240) * 1000;
const LOOK = 2_000;
const IN_A_ROW = 5;

const paths = pathsOf(process.env.BALLAST_DATA ?? '/data/ballast');
const port = Number(process.env.BALLAST_PORT ?? 443);
const slots = new Slots();
const slot = await slots.running();
if ((await slots.choice()).good === slot) process.exit(0);

let well = 0;
for (const end = Date.now() + LONGEST; Date.now() < end; await sleep(LOOK)) {
  well = (await isWell()) ? well + 1 : 0;
  if (well < IN_A_ROW) continue;
  await slots.choose({ good: slot, failed: '' });
  console.log(`slot ${slot} is well and will be started from now on`);
  process.exit(0);
}
await slots.choose({ failed: slot }).catch(() => {});
console.error(`slot ${slot} did not get well in ${LONGEST / 1000} seconds: the other one is started again`);
process.exit(1);

/** The console answers and can write; what was stored is in effect; the engine serves it. */
async function isWell(): Promise<boolean> {
  try {
    const health = await read<{ state: string }>(done =>
      // Our own certificate, and nothing secret is sent.
      getTls(
        { host: '127.0.0.1', port, path: '/api/health', rejectUnauthorized: false, timeout: LOOK, agent: false },
        done,
      ),
    );
    const status = await read<Status>(done =>
      get({ socketPath: paths.controlSocket, path: '/status', timeout: LOOK }, done),
    );
    const idle = status.apply.applied === 0;
    return health.state === 'ok' && status.apply.state === 'live' && (idle || status.engine.running);
  } catch {
    return false;
  }
}

function read<T>(ask: (done: (reply: IncomingMessage) => void) => ReturnType<typeof get>): Promise<T> {
  return new Promise((done, fail) => {
    const asked = ask(reply => {
      let said = '';
      reply.on('data', chunk => {
        said += chunk;
      });
      reply.on('error', fail);
      reply.on('end', () => {
        try {
          done(JSON.parse(said) as T);
        } catch (error) {
          fail(error as Error);
        }
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', fail);
  });
}
