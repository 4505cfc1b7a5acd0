import type { RealServer } from '../../server/schema/real-server.ts';
import type { Effect } from '../../server/schema/status.ts';
import type { Appliance } from './appliance.ts';
import { makePem, type Pem } from './pem.ts';

/** Services under load, and what may be done to them without a client noticing. */
export interface Playground {
  appliance: Appliance;
  /** Services under load with three servers each. */
  services: { id: number; servers: RealServer[] }[];
  certificate: number;
  /** A port for services that come and go. */
  sparePort: number;
  /** Port of a web server that comes and goes as a Real Server. */
  spareServer: number;
}

export interface Change {
  name: string;
  /** Told the number of the round, so that none repeats the one before. */
  make: (at: number) => Promise<{ outcome: { state: string; effect?: Effect } }>;
}

/** One change of every kind; they are meant to be made in this order. */
export function changesOf(
  { appliance, services, certificate, sparePort, spareServer }: Playground,
  pems: Pem[],
): Change[] {
  const service = (at: number) => services[at % services.length] as Playground['services'][number];
  const patch = (at: number, body: object) =>
    appliance.call('patchVirtualService', { at: { id: service(at).id }, body });
  const state = (at: number, to: RealServer['state']) =>
    appliance.call('setServerState', { body: { ids: [service(at).servers[at % 3]?.id ?? 0], state: to } });
  const server = (at: number, body: object) =>
    appliance.call('patchRealServer', { at: { id: service(at).servers[at % 3]?.id ?? 0 }, body });
  const replace = (at: number) => {
    const pem = pems[at % pems.length] as Pem;
    return appliance.call('replaceCertificate', { at: { id: certificate }, body: { pem: pem.chain, key: pem.key } });
  };
  /** Two rounds one way, two the other, so that each service is changed every time it is its turn. */
  const flip = (at: number) => at % 4 < 2;
  let extraServer = 0;
  let extraService = 0;
  return [
    { name: 'disable a server', make: at => state(at, 'disabled') },
    { name: 'enable it', make: at => state(at, 'enabled') },
    { name: 'drain a server', make: at => state(at + 1, 'drain') },
    { name: 'enable it again', make: at => state(at + 1, 'enabled') },
    { name: 'weight', make: at => server(at, { weight: 100 + at }) },
    { name: 'connection limit', make: at => server(at, { connectionLimit: 500 + at }) },
    {
      name: 'scheduling',
      make: at => patch(at, { scheduling: flip(at) ? 'least-connection' : 'weighted-round-robin' }),
    },
    { name: 'idle timeout', make: at => patch(at, { idleTimeout: 300 + at }) },
    { name: 'persistence', make: at => patch(at, { persistence: flip(at) ? 'source-ip' : 'none' }) },
    { name: 'header', make: at => patch(at, { forwardedHeader: flip(at) ? 'x-clientside' : 'x-forwarded-for' }) },
    {
      name: 'check',
      make: at => patch(at, { checkType: flip(at) ? 'http' : 'tcp', checkInterval: 5 + (at % 5), checkTimeout: 2 }),
    },
    { name: 'name', make: at => patch(at, { name: `service ${at}` }) },
    { name: 'certificate', make: at => replace(2 * at + 1) },
    { name: 'certificate again', make: at => replace(2 * at + 2) },
    {
      name: 'add a server',
      make: async at => {
        const made = await appliance.call('createRealServer', {
          at: { id: service(at).id },
          body: { address: '127.0.0.1', port: spareServer },
        });
        extraServer = made.object?.id ?? 0;
        return made;
      },
    },
    { name: 'remove it', make: () => appliance.call('deleteRealServer', { at: { id: extraServer } }) },
    {
      name: 'add a service',
      make: async () => {
        const made = await appliance.call('createVirtualService', { body: { address: '127.0.0.1', port: sparePort } });
        extraService = made.object?.id ?? 0;
        return made;
      },
    },
    {
      name: 'remove the service',
      make: () => appliance.call('deleteVirtualService', { at: { id: extraService } }),
    },
    {
      name: 'return to the revision before',
      make: async () => {
        const { head } = await appliance.call('getHealth');
        return appliance.call('restoreRevision', { at: { id: head - 1 } });
      },
    },
    {
      name: 'and back',
      make: async () => {
        const { head } = await appliance.call('getHealth');
        return appliance.call('restoreRevision', { at: { id: head - 1 } });
      },
    },
  ];
}

export const somePems = (count: number) => Promise.all(Array.from({ length: count }, () => makePem('load.example')));
