import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { Appliance, applied } from '../support/appliance.ts';
import { ExchangeServer, exchangePorts } from '../support/exchange-server.ts';
import { ask } from '../support/http-client.ts';
import { makePem } from '../support/pem.ts';
import { exchange } from '../support/raw-client.ts';
import { until } from '../support/wait.ts';

/**
 * Exchange from the shipped templates, as an administrator would make it: three servers that speak every protocol, each
 * workload reached, and a workload that is sick on one server leaves only its own SubVS.
 */

const HOST = 'mail.example.test';
const VIRTUAL = '127.44.0.100';
const names = ['a', 'b', 'c'] as const;
const addresses = ['127.44.0.11', '127.44.0.12', '127.44.0.13'];
/** As a client asks for them, with the letters Microsoft writes. */
const workloads: Record<string, string> = {
  OWA: '/owa/auth/logon.aspx',
  ECP: '/ecp/',
  EWS: '/EWS/Exchange.asmx',
  ActiveSync: '/Microsoft-Server-ActiveSync?Cmd=Ping',
  OAB: '/OAB/1/oab.xml',
  RPC: '/rpc/rpcproxy.dll?a:6001',
  MAPI: '/mapi/emsmdb/?MailboxId=1',
  Autodiscover: '/Autodiscover/Autodiscover.xml',
  PowerShell: '/powershell?serializationLevel=Full',
  API: '/api/v2.0/me',
};
const directoryOf = (path: string) => /^\/[a-z0-9-]+/.exec(path.toLowerCase())?.[0] ?? '';

let appliance: Appliance;
let servers: ExchangeServer[] = [];
let services: VirtualService[] = [];

before(async () => {
  const pem = await makePem(HOST);
  servers = await Promise.all(names.map((name, at) => new ExchangeServer(name, addresses[at] ?? '', pem).start()));
  appliance = await Appliance.start();
  applied(await appliance.call('patchSettings', { body: { checkInterval: 2, checkTimeout: 1, checkRetries: 1 } }));
  const certificate = applied(
    await appliance.call('importCertificate', { body: { name: 'mail', pem: pem.chain, key: pem.key } }),
  );
  const apply = async (template: string, inputs: object) =>
    applied(
      await appliance.call('applyTemplate', {
        body: { template, inputs: { address: VIRTUAL, servers: addresses, ...inputs } },
      }),
    );
  await apply('exchange-2016-reencrypted', { certificate: [certificate.id], host: HOST });
  await apply('smtp', {});
  await apply('imap', {});
  await apply('pop3', {});
  await apply('tcp', { port: exchangePorts.rpc, name: 'RPC' });
  services = await appliance.call('listVirtualServices');
  await until('every service to be up', async () => {
    const { services: all } = await appliance.call('getStatus');
    return all.length === services.length && all.every(each => each.state === 'up' || each.state === 'redirect');
  });
});
after(async () => {
  await appliance?.stop();
  await Promise.all(servers.map(server => server.stop()));
});

const subOf = (name: string): VirtualService => {
  const found = services.find(each => each.name === `Exchange ${name}`);
  assert.ok(found, `a SubVS for ${name}`);
  return found;
};
const place = { address: VIRTUAL, port: 443, tls: true, serverName: HOST };

/** Which servers answered so many requests for that path, each on a new connection. */
async function answering(path: string, requests: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < requests; i++) {
    const { status, body } = await ask(place, { path });
    const [name = '', directory] = body.split(' ');
    if (status === 200) assert.equal(directory, directoryOf(path));
    const key = status === 200 ? name : String(status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

test('one SubVS per workload, made by one revision each template', async () => {
  assert.equal(services.filter(each => each.parent !== 0).length, 10);
  const revisions = await appliance.call('listRevisions', { query: { limit: 200 } });
  assert.equal(
    revisions.filter(each => each.revision > 0).length,
    2 + 5,
    'settings, certificate, one for each template',
  );
});

for (const [name, path] of Object.entries(workloads))
  test(`${name} is reached at ${path}, spread over all three servers`, async () => {
    assert.deepEqual(await answering(path, 6), { a: 2, b: 2, c: 2 });
  });

test('a path that belongs to no workload goes to OWA', async () => {
  const { status, body } = await ask(place, { path: '/' });
  assert.equal(status, 200);
  assert.match(body, /^[abc] /);
});

test('port 80 sends browsers to HTTPS, path and query kept', async () => {
  const { status, headers } = await ask({ address: VIRTUAL, port: 80, serverName: HOST }, { path: '/owa/?a=b' });
  assert.equal(status, 302);
  assert.equal(headers.location, `https://${HOST}/owa/?a=b`);
});

test('SMTP, IMAP and POP3 greet, and bytes of RPC go both ways', async () => {
  const said = async (port: number, line: string) => {
    const { answer } = await exchange({ address: VIRTUAL, port }, line ? [line] : [], {
      quiet: 2_000,
      done: text => text.includes('\r\n') || text.endsWith('.'),
    });
    return answer;
  };
  assert.match(await said(exchangePorts.smtp, ''), /^220 [abc] ESMTP/);
  assert.match(await said(exchangePorts.imap, ''), /^\* OK [abc] IMAP4/);
  assert.match(await said(exchangePorts.pop3, ''), /^\+OK [abc] POP3/);
  assert.match(await said(exchangePorts.rpc, 'bind.\r\n'), /^[abc] bind\.$/);
});

test('a workload that is sick on one server leaves only its own SubVS, and comes back', async () => {
  const [, b] = servers;
  const memberOf = async (name: string) => {
    const members = await appliance.call('listRealServers', { query: { virtualService: subOf(name).id } });
    return members.find(each => each.address === b?.address)?.id ?? 0;
  };
  b?.sick.add('/ews');
  const ews = await memberOf('EWS');
  await until('EWS of b to be down', async () => (await appliance.serverStatus(ews))?.state === 'down');
  const counts = await answering(workloads.EWS ?? '', 6);
  assert.deepEqual(counts, { a: 3, c: 3 });
  assert.equal((await answering('/ewsx', 3)).b, 1, 'what only begins like EWS is none of it');
  for (const [name, path] of Object.entries(workloads)) {
    if (name === 'EWS') continue;
    const state = (await appliance.serverStatus(await memberOf(name)))?.state;
    assert.equal(state, 'up', `${name} of b`);
    assert.equal((await answering(path, 3)).b, 1, `${name} still uses b`);
  }
  b?.sick.delete('/ews');
  await until('EWS of b to be back', async () => (await appliance.serverStatus(ews))?.state === 'up');
  assert.deepEqual(await answering(workloads.EWS ?? '', 6), { a: 2, b: 2, c: 2 });
});
