import assert from 'node:assert/strict';
import test from 'node:test';
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import { endpoints } from '../../server/schema/endpoints.ts';
import { type Bench, bench } from './bench.ts';
import { preview } from './fake-data-plane.ts';

const web = {
  address: '192.0.2.1',
  port: 80,
  name: 'web',
  realServers: [
    { address: '198.51.100.1', port: 8080 },
    { address: '198.51.100.2', port: 8080, weight: 7 },
  ],
};

/** A bench with the service `web` (1) and its servers 1 and 2 at revision 1. */
async function withService(t: Parameters<typeof bench>[0]): Promise<Bench> {
  const made = await bench(t);
  const reply = await made.call('POST', '/api/virtual-services', web);
  assert.equal(reply.statusCode, 200, reply.body);
  return made;
}

test('a service is made with its servers, all defaults filled in', async t => {
  const { call, revisions, dataPlane } = await bench(t);
  const made = await call('POST', '/api/virtual-services', web);
  assert.equal(made.statusCode, 200, made.body);
  const reply = made.json();
  assert.equal(reply.revision, 1);
  assert.equal(made.headers.etag, '"1"');
  assert.deepEqual(reply.outcome, { state: 'applied', revision: 1, effect: 'reload', milliseconds: 1 });
  assert.equal(reply.object.scheduling, 'round-robin');
  assert.deepEqual(dataPlane.applies, [1]);
  const { config } = revisions.current();
  assert.deepEqual(config.virtualServices, [reply.object]);
  assert.deepEqual(
    config.realServers.map(({ id, virtualService, weight, state }) => ({ id, virtualService, weight, state })),
    [
      { id: 1, virtualService: 1, weight: 1000, state: 'enabled' },
      { id: 2, virtualService: 1, weight: 7, state: 'enabled' },
    ],
  );
  assert.deepEqual(dataPlane.checks[0]?.config, config, 'what was checked is what is stored');
  const listed = await call('GET', '/api/virtual-services');
  assert.deepEqual(listed.json(), [reply.object]);
  assert.equal(listed.headers.etag, '"1"');
  assert.deepEqual((await call('GET', '/api/virtual-services/1')).json(), reply.object);
  assert.equal((await call('GET', '/api/real-servers?virtualService=1')).json().length, 2);
  const [last] = (await call('GET', '/api/revisions?limit=1')).json();
  assert.deepEqual([last.revision, last.who, last.outcome], [1, 'bal', 'applied']);
  assert.equal(last.words[0], 'Added Virtual Service “web”');
});

test('a patch changes what it names and leaves the rest', async t => {
  const { call, revisions } = await withService(t);
  const before = revisions.current().config.virtualServices[0];
  const reply = await call('PATCH', '/api/virtual-services/1', { port: 8080, idleTimeout: 10 });
  assert.equal(reply.statusCode, 200, reply.body);
  assert.deepEqual(revisions.current().config.virtualServices[0], { ...before, port: 8080, idleTimeout: 10 });
  assert.deepEqual(revisions.list(3, 1)[0]?.words, [
    'Changed Virtual Service “web”: Port 80 → 8080, Idle Connection Timeout 0 s → 10 s',
  ]);
  await call('PATCH', '/api/real-servers/2', { weight: 3 });
  const { config } = revisions.current();
  assert.deepEqual([config.realServers[0]?.weight, config.realServers[1]?.weight], [1000, 3]);
});

test('a deleted service takes its servers along, and their numbers never come back', async t => {
  const { call, revisions } = await withService(t);
  await call('POST', '/api/virtual-services', { ...web, port: 81 });
  assert.equal((await call('DELETE', '/api/virtual-services/2')).statusCode, 200);
  const { config } = revisions.current();
  assert.deepEqual(
    config.virtualServices.map(vs => vs.id),
    [1],
  );
  assert.deepEqual(
    config.realServers.map(rs => rs.id),
    [1, 2],
  );
  assert.equal((await call('GET', '/api/virtual-services/2')).statusCode, 404);
  const again = await call('POST', '/api/virtual-services', { ...web, port: 81 });
  assert.equal(again.json().object.id, 3);
  assert.deepEqual(
    revisions.current().config.realServers.map(rs => rs.id),
    [1, 2, 5, 6],
  );
});

test('a copy of a service has everything but the address, its servers too', async t => {
  const { call, revisions } = await withService(t);
  await call('PATCH', '/api/virtual-services/1', { idleTimeout: 33 });
  const reply = await call('POST', '/api/virtual-services/1/duplicate', { address: '192.0.2.9', port: 90 });
  assert.equal(reply.statusCode, 200, reply.body);
  const { config } = revisions.current();
  const [original, copy] = config.virtualServices;
  assert.deepEqual(copy, { ...original, id: 2, address: '192.0.2.9', port: 90, name: '' });
  const plain = (of: number) =>
    config.realServers.filter(rs => rs.virtualService === of).map(({ id: _, virtualService: __, ...rest }) => rest);
  assert.deepEqual(plain(2), plain(1));
});

test('servers are added, changed and deleted one by one', async t => {
  const { call, revisions } = await withService(t);
  const made = await call('POST', '/api/virtual-services/1/real-servers', { address: '198.51.100.3', port: 80 });
  assert.equal(made.json().object.id, 3);
  assert.equal((await call('DELETE', '/api/real-servers/1')).statusCode, 200);
  assert.deepEqual(
    revisions.current().config.realServers.map(rs => rs.id),
    [2, 3],
  );
});

test('servers are drained by number, or everywhere by address, in one revision', async t => {
  const { call, revisions, dataPlane } = await withService(t);
  await call('POST', '/api/virtual-services', { ...web, port: 81 });
  const states = () => revisions.current().config.realServers.map(rs => rs.state);
  const set = (body: object) => call('POST', '/api/real-servers/state', body);
  const some = await set({ ids: [1, 4], state: 'drain' });
  assert.deepEqual(
    some.json().object.map((rs: { id: number; state: string }) => [rs.id, rs.state]),
    [
      [1, 'drain'],
      [4, 'drain'],
    ],
  );
  assert.deepEqual(states(), ['drain', 'enabled', 'enabled', 'drain']);
  await set({ address: '198.51.100.2', state: 'disabled' });
  assert.deepEqual(states(), ['drain', 'disabled', 'enabled', 'disabled']);
  assert.equal(revisions.head, 4);
  const same = await set({ ids: [1], state: 'drain' });
  assert.equal(same.json().revision, 4, 'nothing to change makes no revision');
  assert.equal(dataPlane.applies.length, 4);
});

test('more than 1,024 servers are drained in one call, and 20,000 numbers are the most', async t => {
  const { call, revisions } = await withService(t);
  const realServers = Array.from({ length: 600 }, (_, i) => ({ address: `10.9.${i >> 8}.${i & 255}`, port: 80 }));
  for (const port of [81, 82]) {
    const made = await call('POST', '/api/virtual-services', { ...web, port, realServers });
    assert.equal(made.statusCode, 200, made.body);
  }
  const set = (ids: number[]) => call('POST', '/api/real-servers/state', { ids, state: 'drain' });
  const reply = await set(revisions.current().config.realServers.map(rs => rs.id));
  assert.equal(reply.statusCode, 200, reply.body);
  const states = revisions.current().config.realServers.map(rs => rs.state);
  assert.deepEqual([states.length, new Set(states)], [1_202, new Set(['drain'])]);
  const numbers = Array.from({ length: 20_001 }, (_, i) => 1_000_000 + i);
  assert.equal((await set(numbers.slice(1))).json().code, 'NOT_FOUND');
  const over = await set(numbers);
  assert.deepEqual([over.statusCode, over.json().code], [400, 'INVALID']);
  assert.match(over.body, /\/ids/);
});

test('a dry run says what would happen and leaves no trace', async t => {
  const { call, revisions, dataPlane } = await withService(t);
  const before = revisions.current();
  for (const [method, path, body] of [
    ['PATCH', '/api/virtual-services/1', { port: 8080 }],
    ['POST', '/api/virtual-services', { address: '192.0.2.7', port: 80 }],
    ['POST', '/api/certificates/self-signed', { name: 'c', commonName: 'a.example' }],
    ['DELETE', '/api/virtual-services/1', undefined],
    ['POST', '/api/revisions/0/restore', undefined],
  ] as const) {
    const reply = await call(method, `${path}?dryRun=true`, body);
    assert.equal(reply.statusCode, 200, reply.body);
    assert.deepEqual(reply.json(), preview, path);
  }
  const broken = await call('PATCH', '/api/virtual-services/1?dryRun=true', { port: 8443 });
  assert.equal(broken.json().code, 'MANAGEMENT_PORT');
  assert.deepEqual(revisions.current(), before);
  assert.deepEqual(dataPlane.applies, [1]);
  assert.ok(dataPlane.checks.slice(1).every(check => check.preview));
  const next = await call('POST', '/api/virtual-services', { address: '192.0.2.7', port: 80 });
  assert.equal(next.json().object.id, 2, 'a dry run uses up no number');
});

test('If-Match of an older revision is refused with 412', async t => {
  const { call, revisions } = await withService(t);
  const patch = (match: string) => call('PATCH', '/api/virtual-services/1', { port: 8080 }, { 'if-match': match });
  const stale = await patch('"0"');
  assert.deepEqual([stale.statusCode, stale.json().code], [412, 'REVISION_MOVED']);
  assert.match(stale.json().message, /since revision 0: it is at 1 now/);
  assert.equal((await patch('"7"')).statusCode, 412, 'a revision that is yet to come');
  for (const odd of ['1', 'W/"1"', '*', '"x"', '"-1"']) assert.equal((await patch(odd)).json().code, 'INVALID', odd);
  assert.equal(revisions.head, 1);
  assert.equal((await patch('"1"')).headers.etag, '"2"');
});

test('of two writers that saw the same revision one wins', async t => {
  const { call, revisions } = await withService(t);
  const patch = (idleTimeout: number) =>
    call('PATCH', '/api/virtual-services/1', { idleTimeout }, { 'if-match': '"1"' });
  const replies = await Promise.all([patch(11), patch(12), patch(13)]);
  assert.deepEqual(
    replies.map(reply => reply.statusCode),
    [200, 412, 412],
  );
  assert.equal(revisions.current().config.virtualServices[0]?.idleTimeout, 11);
});

test('writers without If-Match take turns; none is lost', async t => {
  const { call, revisions } = await withService(t);
  const replies = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      call('POST', '/api/virtual-services/1/real-servers', { address: `203.0.113.${n + 1}`, port: 80 }),
    ),
  );
  assert.ok(replies.every(reply => reply.statusCode === 200));
  assert.equal(revisions.current().config.realServers.length, 14);
  assert.equal(revisions.head, 13);
});

test('what the engine refuses is not stored', async t => {
  const { call, revisions, dataPlane } = await withService(t);
  dataPlane.refuseCheck = { code: 'ENGINE_REFUSED', message: 'The engine refused the configuration: no.', at: '/port' };
  const reply = await call('PATCH', '/api/virtual-services/1', { port: 8080 });
  assert.equal(reply.statusCode, 422);
  assert.deepEqual(reply.json(), dataPlane.refuseCheck);
  assert.equal(revisions.head, 1);
  assert.deepEqual(dataPlane.applies, [1]);
});

test('what cannot be put into effect is taken back, and the history says so', async t => {
  const { call, revisions, dataPlane } = await withService(t);
  const before = revisions.current().config;
  const fault = { code: 'APPLY_FAILED', message: 'It could not be put into effect.' } as const;
  dataPlane.refuseApply.set(2, fault);
  const reply = await call('DELETE', '/api/virtual-services/1');
  assert.equal(reply.statusCode, 500);
  assert.deepEqual(reply.json(), fault);
  assert.deepEqual(revisions.current(), { revision: 3, config: before });
  assert.deepEqual(dataPlane.applies, [1, 2, 3]);
  assert.equal(dataPlane.applied, 3);
  assert.deepEqual(
    revisions.list(4, 2).map(({ revision, who, outcome }) => [revision, who, outcome]),
    [
      [3, 'ballast', 'applied'],
      [2, 'bal', 'refused'],
    ],
  );
  assert.equal((await call('PATCH', '/api/virtual-services/1', { port: 8080 })).statusCode, 200, 'work goes on');
});

test('without the data plane nothing is stored, and everything can still be read', async t => {
  const { app, call, revisions, dataPlane } = await withService(t);
  await dataPlane.stop();
  const reply = await call('PATCH', '/api/virtual-services/1', { port: 8080 });
  assert.deepEqual([reply.statusCode, reply.json().code], [503, 'DATA_PLANE_AWAY']);
  assert.equal(revisions.head, 1);
  assert.equal((await call('GET', '/api/virtual-services/1')).json().port, 80);
  assert.equal((await call('GET', '/api/status')).statusCode, 503);
  const health = await app.inject({ url: '/api/health' });
  assert.deepEqual(
    [health.statusCode, health.json()],
    [503, { state: 'degraded', head: 1, store: 'ok', dataPlane: 'away' }],
  );
  await dataPlane.start();
  assert.equal((await call('PATCH', '/api/virtual-services/1', { port: 8080 })).statusCode, 200);
  assert.equal((await app.inject({ url: '/api/health' })).json().state, 'ok');
});

test('a data plane that dies while it applies leaves the change stored and pending', async t => {
  const { call, revisions, dataPlane } = await withService(t);
  dataPlane.breakApply = true;
  const reply = await call('PATCH', '/api/virtual-services/1', { port: 8080 });
  assert.deepEqual([reply.statusCode, reply.json().outcome], [202, { state: 'pending', revision: 2 }]);
  assert.equal(revisions.head, 2);
  assert.equal(revisions.list(3, 1)[0]?.outcome, 'unknown');
});

/** Waits until the condition holds; a test's own time limit ends it otherwise. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(done => setTimeout(done, 20));
}

test('an apply that was lost is made up for when the data plane is back', { timeout: 30_000 }, async t => {
  const { call, revisions, dataPlane } = await withService(t);
  dataPlane.breakApply = true;
  assert.equal((await call('PATCH', '/api/virtual-services/1', { port: 8080 })).statusCode, 202);
  await dataPlane.stop();
  dataPlane.breakApply = false;
  await dataPlane.start();
  await until(() => revisions.list(3, 1)[0]?.outcome === 'applied');
  assert.equal(dataPlane.applied, 2);
  assert.equal(revisions.head, 2);
});

test('a lost apply that is refused later is taken back then', { timeout: 30_000 }, async t => {
  const { call, revisions, dataPlane } = await withService(t);
  const before = revisions.current().config;
  const fault = { code: 'APPLY_FAILED', message: 'It could not be put into effect.' } as const;
  dataPlane.breakApply = true;
  assert.equal((await call('PATCH', '/api/virtual-services/1', { port: 8080 })).statusCode, 202);
  dataPlane.breakApply = false;
  dataPlane.refuseApply.set(2, fault);
  // The data plane finds the newer revision by itself, tries it, and tells.
  dataPlane.send({ type: 'outcome', outcome: { state: 'kept', revision: 1, refused: 2, fault } });
  await until(() => revisions.list(4, 1)[0]?.outcome === 'applied');
  assert.deepEqual(revisions.current(), { revision: 3, config: before });
  assert.deepEqual(
    revisions.list(4, 2).map(({ revision, who, outcome }) => [revision, who, outcome]),
    [
      [3, 'ballast', 'applied'],
      [2, 'bal', 'refused'],
    ],
  );
});

test('what is so already is no change', async t => {
  const { call, revisions, dataPlane } = await withService(t);
  for (const [method, path, body] of [
    ['PATCH', '/api/virtual-services/1', { port: 80, name: 'web' }],
    ['POST', '/api/virtual-services/1/enabled', { enabled: true }],
    ['PATCH', '/api/real-servers/2', { weight: 7 }],
  ] as const) {
    const reply = await call(method, path, body);
    assert.deepEqual([reply.statusCode, reply.json().revision, reply.json().outcome.effect], [200, 1, 'none'], path);
    assert.ok(reply.json().object, 'the object is shown all the same');
  }
  assert.equal(revisions.head, 1);
  assert.deepEqual(dataPlane.applies, [1]);
});

test('a slow apply is answered with 202 within seconds, and its end is noted', { timeout: 30_000 }, async t => {
  const { call, revisions, dataPlane } = await withService(t);
  const slow = Promise.withResolvers<void>();
  dataPlane.hold = slow.promise;
  const reply = await call('PATCH', '/api/virtual-services/1', { port: 8080 });
  assert.deepEqual([reply.statusCode, reply.json().outcome], [202, { state: 'pending', revision: 2 }]);
  assert.equal(reply.json().object.port, 8080);
  slow.resolve();
  await until(() => revisions.list(3, 1)[0]?.outcome === 'applied');
});

test('a slow apply that fails in the end is taken back too', { timeout: 30_000 }, async t => {
  const { call, revisions, dataPlane } = await withService(t);
  const before = revisions.current().config;
  const slow = Promise.withResolvers<void>();
  dataPlane.hold = slow.promise;
  dataPlane.refuseApply.set(2, { code: 'APPLY_FAILED', message: 'It could not be put into effect.' });
  assert.equal((await call('PATCH', '/api/virtual-services/1', { port: 8080 })).statusCode, 202);
  slow.resolve();
  await until(() => revisions.head === 3 && revisions.list(4, 1)[0]?.outcome === 'applied');
  assert.deepEqual(revisions.current().config, before);
  assert.equal(revisions.list(3, 1)[0]?.outcome, 'refused');
});

test('a revision is restored as a new one', async t => {
  const { call, revisions } = await withService(t);
  await call('DELETE', '/api/virtual-services/1');
  await call('POST', '/api/virtual-services', { address: '192.0.2.5', port: 80 });
  const reply = await call('POST', '/api/revisions/1/restore');
  assert.equal(reply.statusCode, 200, reply.body);
  assert.equal(reply.json().revision, 4);
  assert.deepEqual(revisions.current().config, revisions.configAt(1));
  assert.equal((await call('POST', '/api/revisions/4/restore')).json().revision, 4, 'there is nothing to do');
  await call('POST', '/api/revisions/0/restore');
  assert.deepEqual(revisions.current().config.virtualServices, []);
  assert.equal((await call('POST', '/api/revisions/77/restore')).statusCode, 404);
});

test('a revision tells both sides of what it changed', async t => {
  const { call } = await withService(t);
  await call('PATCH', '/api/virtual-services/1', { port: 8080 });
  const detail = (await call('GET', '/api/revisions/2')).json();
  assert.equal(detail.changes.length, 1);
  const [change] = detail.changes;
  assert.deepEqual([change.kind, change.id, change.title], ['virtualService', 1, '“web”']);
  assert.deepEqual([change.before.port, change.after.port], [80, 8080]);
});

test('no reply of any call has a private key in it, but for the one that is a backup', async t => {
  const { app, call, revisions } = await withService(t);
  await call('POST', '/api/certificates/self-signed', { name: 'one', commonName: 'a.example' });
  await call('POST', '/api/certificates/request', { name: 'two', commonName: 'b.example' });
  const { certificates } = revisions.current().config;
  const secrets = [certificates[0]?.key, certificates[1]?.requestKey].map(pem => {
    assert.match(String(pem), /^-----BEGIN PRIVATE KEY-----\n/);
    return String(pem).split('\n')[1] as string;
  });
  await call('PATCH', '/api/virtual-services/1', { tls: true, certificates: [1] });
  await call('PATCH', '/api/certificates/1', { name: 'uno' });
  const material = { pem: certificates[0]?.chain, key: certificates[0]?.key };
  const bodies: Record<string, object> = {
    importCertificate: { name: 'three', ...material },
    replaceCertificate: material,
    inspectCertificate: material,
    makeSelfSigned: { name: 'four', commonName: 'c.example' },
    makeRequest: { name: 'five', commonName: 'd.example' },
    renameCertificate: { name: 'six' },
    installAnswer: { pem: certificates[0]?.chain },
    patchVirtualService: { port: 444 },
  };
  // What deletes comes last.
  const calls = Object.entries(endpoints).toSorted(
    ([, a], [, b]) => +(a.method === 'DELETE') - +(b.method === 'DELETE'),
  );
  let replies = 0;
  for (const [name, endpoint] of calls) {
    if (name === 'streamEvents' || name === 'logout') continue;
    for (const id of [1, 2, 3, 4]) {
      const path = endpoint.path.replace(':id', String(id)).replace(':name', 'nobody');
      const reply = await call(endpoint.method, path, bodies[name] ?? ('body' in endpoint ? {} : undefined));
      if (reply.statusCode === 200) replies++;
      assert.doesNotMatch(reply.body, /PRIVATE KEY|requestKey|"key":"-/, name);
      for (const secret of secrets) assert.ok(!reply.body.includes(secret), name);
      if (!endpoint.path.includes(':id')) break;
    }
  }
  assert.ok(replies > 30, `${replies} calls did something`);
  for (let id = 0; id <= revisions.head; id++)
    assert.doesNotMatch((await call('GET', `/api/revisions/${id}`)).body, /PRIVATE KEY|requestKey/);
  assert.doesNotMatch(JSON.stringify(revisions.list(1000, 1000)), /BEGIN/);
  assert.doesNotMatch((await app.inject({ url: '/api/openapi.json' })).body, /BEGIN PRIVATE/);
});

test('openapi.json is made of valid schemas, and every reference leads somewhere', async t => {
  const { app } = await bench(t);
  const document = (await app.inject({ url: '/api/openapi.json' })).json();
  const ajv = new Ajv({ strict: true, strictTypes: false });
  ajv.addVocabulary(['x-field']);
  ajv.addFormat('ip', true);
  const ids: string[] = [];
  let schemas = 0;
  const walk = (node: unknown, at: string) => {
    if (node === null || typeof node !== 'object') return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'operationId') ids.push(String(value));
      if (key === '$ref') {
        const target = String(value)
          .slice(2)
          .split('/')
          .reduce((found, step) => found?.[step], document);
        assert.ok(target, `${at}: ${value}`);
      } else if (key === 'schema') {
        schemas++;
        if (!('$ref' in value)) assert.doesNotThrow(() => ajv.compile(value), at);
      }
      walk(value, `${at}/${key}`);
    }
  };
  walk(document, '');
  assert.ok(schemas > 60, `${schemas} schemas`);
  assert.equal(new Set(ids).size, ids.length, 'operationIds are unique');
});

test('openapi.json lists every call', async t => {
  const { app } = await bench(t);
  const document = (await app.inject({ url: '/api/openapi.json' })).json();
  assert.equal(document.openapi, '3.1.0');
  const listed = Object.entries(document.paths as Record<string, Record<string, { operationId: string }>>).flatMap(
    ([path, methods]) => Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
  );
  const table = Object.entries(endpoints).map(
    ([name, { method, path }]) => `${name} ${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
  );
  assert.deepEqual(listed.toSorted(), table.toSorted());
  for (const { method, path } of Object.values(endpoints))
    for (const [, name] of path.matchAll(/:(\w+)/g)) {
      const { parameters } = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')][method.toLowerCase()];
      assert.ok(parameters.some((p: { name: string; in: string }) => p.name === name && p.in === 'path'));
    }
});

/** Reads server-sent events from a stream of the bench. */
async function* eventsOf(stream: AsyncIterable<Buffer>) {
  let rest = '';
  for await (const chunk of stream) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const data = field('data');
      if (data !== undefined) yield { id: Number(field('id')), event: field('event'), data: JSON.parse(data) };
    }
  }
}

test('events begin with a full status; a commit is told', { timeout: 30_000 }, async t => {
  const { app, call, key, dataPlane } = await bench(t);
  const reply = await app.inject({ url: '/api/events', headers: key('bal', 'read-only'), payloadAsStream: true });
  assert.equal(reply.headers['content-type'], 'text/event-stream');
  const stream = reply.stream();
  const events = eventsOf(stream);
  const next = async (name: string) => {
    for (;;) {
      const { value, done } = await events.next();
      assert.ok(!done, 'the stream goes on');
      if (value.event === name) return value;
    }
  };
  const first = await next('status');
  assert.equal(first.data.full, true);
  assert.equal(first.data.engine.version, 'fake');
  await call('POST', '/api/virtual-services', web);
  const config = await next('config');
  assert.deepEqual(config.data, { revision: 1, who: 'bal' });
  assert.ok(config.id > first.id);
  dataPlane.send({
    type: 'occurrence',
    occurrence: { number: 1, time: 1, severity: 'bad', text: 'A server went down.' },
  });
  assert.equal((await next('occurrence')).data.text, 'A server went down.');
  stream.destroy();
});

test('a number in a path has one spelling, and what cannot be an address is nowhere', async t => {
  const { call } = await withService(t);
  assert.equal((await call('GET', '/api/virtual-services/1')).statusCode, 200);
  for (const id of ['0x1', '1e0', '1.0', '01', '+1', '%201', '-1', 'abc', '99999999999999999999']) {
    const reply = await call('GET', `/api/virtual-services/${id}`);
    assert.deepEqual([reply.statusCode, reply.json().code, reply.json().at], [400, 'INVALID', '/id'], id);
    assert.match(reply.json().message, /^[A-Z].*\.$/);
  }
  assert.equal((await call('DELETE', '/api/users/%0a')).json().code, 'INVALID');
  const odd = await call('DELETE', '/api/users/%zz');
  assert.deepEqual(
    [odd.statusCode, odd.json()],
    [404, { code: 'NO_SUCH_PAGE', message: 'There is nothing at this address.' }],
  );
});
