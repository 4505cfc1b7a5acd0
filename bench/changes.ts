import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, inEffect } from '../scripts/api-client.ts';

export interface ChangeFigures {
  /** Seconds from sending the POST of a new service to its first served request. */
  firstRequest: number[];
  /** Seconds from sending the POST to the API's answer. */
  created: number[];
  /** Seconds from sending “disable” until the API has answered and HAProxy says that the server is in maintenance. */
  disabled: number[];
}

const served = (port: number) =>
  new Promise<boolean>(done => {
    get({ host: '127.0.0.1', port, agent: false }, reply => {
      reply.resume();
      reply.on('end', () => done(reply.statusCode === 200));
    }).on('error', () => done(false));
  });

/** Adds a service and deletes it again, `times` times. */
async function newServices(api: ApiClient, port: number, backendPort: number, times: number, into: ChangeFigures) {
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    const first = (async () => {
      while (!(await served(port))) {
        if (performance.now() - start > 10_000) throw new Error('a new service served nothing within 10 s');
        await sleep(1);
      }
      return performance.now() - start;
    })();
    const adding = api.call('createVirtualService', {
      body: { address: '127.0.0.1', port, realServers: [{ address: '127.0.0.1', port: backendPort }] },
    });
    const created = adding.then(() => performance.now() - start);
    const [reply, answered, firstServed] = await Promise.all([adding, created, first]);
    into.created.push(answered / 1_000);
    into.firstRequest.push(firstServed / 1_000);
    inEffect(await api.call('deleteVirtualService', { at: { id: inEffect(reply).id } }));
  }
}

/** Disables a server and enables it again, `times` times. */
async function disables(
  api: ApiClient,
  socket: string,
  port: number,
  backendPort: number,
  times: number,
  into: ChangeFigures,
) {
  const vs = inEffect(
    await api.call('createVirtualService', {
      body: {
        address: '127.0.0.1',
        port,
        realServers: ['127.0.0.1', '127.0.0.2'].map(address => ({ address, port: backendPort })),
      },
    }),
  );
  const servers = await api.call('listRealServers');
  const id = servers.filter(rs => rs.virtualService === vs.id)[1]?.id ?? 0;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    inEffect(await api.call('setServerState', { body: { ids: [id], state: 'disabled' } }));
    while (!(await inMaintenance(socket, `vs${vs.id}`, `rs${id}`)))
      if (performance.now() - start > 10_000) throw new Error('a disabled server still was in use 10 s later');
    into.disabled.push((performance.now() - start) / 1_000);
    inEffect(await api.call('setServerState', { body: { ids: [id], state: 'enabled' } }));
  }
  inEffect(await api.call('deleteVirtualService', { at: { id: vs.id } }));
}

/** Is the bit for “forced maintenance” set, as `show servers state` tells? */
async function inMaintenance(socket: string, backend: string, server: string): Promise<boolean> {
  const lines = (await ask(socket, `show servers state ${backend}`)).split('\n').map(line => line.split(' '));
  const names = lines.find(([first]) => first === '#')?.slice(1) ?? [];
  const row = lines.find(line => line[names.indexOf('srv_name')] === server);
  return (Number(row?.[names.indexOf('srv_admin_state')]) & 1) === 1;
}

const ask = (path: string, command: string) =>
  new Promise<string>((done, fail) => {
    let text = '';
    const socket = connect(path, () => socket.write(`${command}\n`));
    socket.on('data', chunk => {
      text += chunk;
    });
    socket.once('end', () => done(text));
    socket.once('error', fail);
  });

export async function measureChanges(
  api: ApiClient,
  statsSocket: string,
  port: number,
  backendPort: number,
  times: number,
) {
  const figures: ChangeFigures = { firstRequest: [], created: [], disabled: [] };
  await newServices(api, port, backendPort, times, figures);
  await disables(api, statsSocket, port, backendPort, times, figures);
  return figures;
}
