import { createServer, type Server } from 'node:http';
import { after, before } from 'node:test';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { type Answer, ask } from './http-client.ts';
import { freePort } from './ports.ts';
import { Setting } from './setting.ts';

/** An appliance, three servers that say their names, and clients with everything a persistence mode could go by, for the tests of one file. */

export const setting = Setting.forThisFile();
export const address = '127.0.0.1';

/** Servers a, b and c that say their names; `/login/ID` sets the cookie SID to that id. */
export const servers: { name: string; port: number; server: Server }[] = [];
before(async () => {
  for (const name of ['a', 'b', 'c']) {
    const server = createServer((incoming, outgoing) => {
      const [, login] = /^\/login\/(\w+)/.exec(incoming.url ?? '') ?? [];
      if (login) outgoing.setHeader('set-cookie', `SID=${login}; Path=/`);
      outgoing.end(name);
    });
    await new Promise<void>(done => server.listen(0, address, done));
    servers.push({ name, server, port: (server.address() as { port: number }).port });
  }
});
after(async () => {
  for (const { server } of servers) {
    server.closeAllConnections();
    await new Promise(done => server.close(done));
  }
});

export async function service(properties: Partial<VirtualService>) {
  const port = await freePort();
  const made = await setting.appliance.addService({
    address,
    port,
    ...properties,
    realServers: servers.map(server => ({ address, port: server.port })),
  });
  const idOf = (name: string) => {
    const wanted = servers.find(server => server.name === name)?.port;
    return made.servers.find(server => server.port === wanted)?.id ?? 0;
  };
  return { ...made, place: { port }, idOf, remove: () => setting.appliance.deleteService(made.service.id) };
}

/** Everything a mode could go by. */
export interface Client {
  from: string;
  agent: string;
  login: string;
  sid: string;
  theme: string;
  path: string;
  host: string;
  cart: string;
  tenant: string;
}
export type Mark = keyof Client;

let count = 0;
/** A client unlike every other. */
export function stranger(): Client {
  const n = ++count;
  return {
    from: `127.0.${10 + Math.floor(n / 200)}.${1 + (n % 200)}`,
    agent: `Browser/${n}`,
    login: `Basic ${Buffer.from(`user${n}:x`).toString('base64')}`,
    sid: `session${n}`,
    theme: `theme${n}`,
    path: `/page${n}`,
    host: `host${n}.test`,
    cart: `cart${n}`,
    tenant: `tenant${n}`,
  };
}

export function send(port: number, client: Partial<Client>): Promise<Answer> {
  const { from = '127.0.0.1', agent, login, sid, theme, path = '/', host = 'any.test', cart, tenant } = client;
  const cookies = [...(sid ? [`SID=${sid}`] : []), ...(theme ? [`theme=${theme}`] : [])].join('; ');
  return ask(
    { port },
    {
      from,
      path: `${path}?x=${++count}${cart ? `&cart=${cart}` : ''}`,
      headers: {
        host,
        ...(agent && { 'user-agent': agent }),
        ...(login && { authorization: login }),
        ...(cookies && { cookie: cookies }),
        ...(tenant && { 'x-tenant': tenant }),
      },
    },
  );
}
export const met = async (port: number, clients: Partial<Client>[]) => {
  const names: string[] = [];
  for (const client of clients) names.push((await send(port, client)).body);
  return names;
};
