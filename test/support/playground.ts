import type { TestContext } from 'node:test';
import { applied } from './appliance.ts';
import { type Playground, somePems } from './changes.ts';
import type { Pem } from './pem.ts';
import { freePort } from './ports.ts';
import type { Setting } from './setting.ts';
import { WebServer } from './web-server.ts';

/** A plain and a TLS service with the setting's servers behind each, and what changes of every kind need. */
export async function makePlayground(
  setting: Setting,
  t: TestContext,
  address: string,
  pemCount: number,
): Promise<{ playground: Playground; pems: Pem[]; plain: number; tls: number }> {
  const { appliance } = setting;
  // On all of 127/8, so that a server can be added by another address.
  const spare = await new WebServer('a').start();
  t.after(() => spare.stop());
  const pems = await somePems(pemCount);
  const certificate = applied(
    await appliance.call('importCertificate', {
      body: { name: 'load', pem: pems[0]?.chain ?? '', key: pems[0]?.key ?? '' },
    }),
  ).id;
  const sparePort = await freePort();
  const services: Playground['services'] = [];
  const serve = async (tls: boolean) => {
    const port = await freePort();
    const certificates = tls ? [certificate] : [];
    const made = await appliance.addService({ address, port, tls, certificates, realServers: setting.servers() });
    services.push({ id: made.service.id, servers: made.servers });
    return port;
  };
  const plain = await serve(false);
  const tls = await serve(true);
  return { playground: { appliance, services, certificate, sparePort, spareServer: spare.port }, pems, plain, tls };
}
