import assert from 'node:assert/strict';
import test from 'node:test';
import { bench } from './bench.ts';

const web = { address: '192.0.2.1', port: 80, name: 'web', realServers: [{ address: '198.51.100.1', port: 8080 }] };

test('what is exported can be imported, on another appliance too', async t => {
  const one = await bench(t);
  await one.call('POST', '/api/virtual-services', web);
  await one.call('POST', '/api/content-rules', { name: 'images', pattern: '^/images' });
  await one.call('PATCH', '/api/settings', { idleTimeout: 30 });
  const file = (await one.call('GET', '/api/configuration')).json();
  assert.equal(file.format, 'ballast-configuration');

  const other = await bench(t);
  await other.call('POST', '/api/virtual-services', { ...web, address: '192.0.2.99', name: 'gone' });
  const reply = await other.call('POST', '/api/configuration', file);
  assert.equal(reply.statusCode, 200, reply.body);
  assert.deepEqual(other.revisions.current().config, one.revisions.current().config);
  assert.equal(other.revisions.head, 2, 'one revision');

  const again = await other.call('POST', '/api/configuration', file);
  assert.equal(again.json().outcome.effect, 'none');
  assert.equal(other.revisions.head, 2, 'the same again is no change');
});

test('a machine can keep its own network when it takes over what another does', async t => {
  const one = await bench(t);
  await one.call('POST', '/api/virtual-services', web);
  await one.call('POST', '/api/interfaces', { name: 'ens1', addresses: ['192.0.2.5/24'] });
  await one.call('PATCH', '/api/settings', { idleTimeout: 30, gateway4: '192.0.2.254', hostName: 'one' });
  const file = (await one.call('GET', '/api/configuration')).json();

  const other = await bench(t);
  await other.call('POST', '/api/interfaces', { name: 'eth0', addresses: ['198.51.100.5/24'] });
  await other.call('PATCH', '/api/settings', { gateway4: '198.51.100.254', hostName: 'other' });
  const reply = await other.call('POST', '/api/configuration?keepNetwork=true', file);
  assert.equal(reply.statusCode, 200, reply.body);
  const { config } = other.revisions.current();
  assert.deepEqual(
    [config.interfaces.map(each => each.name), config.virtualServices.map(vs => vs.name)],
    [['eth0'], ['web']],
  );
  const [settings] = config.settings;
  assert.deepEqual([settings?.idleTimeout, settings?.gateway4, settings?.hostName], [30, '198.51.100.254', 'other']);
});

test('numbers that an import brought are not given again', async t => {
  const { call, revisions } = await bench(t);
  const file = (await call('GET', '/api/configuration')).json();
  file.config.virtualServices = [{ id: 41, address: '192.0.2.1', port: 80 }];
  assert.equal((await call('POST', '/api/configuration', file)).statusCode, 200);
  assert.equal((await call('POST', '/api/virtual-services', { address: '192.0.2.2', port: 80 })).json().object.id, 42);
  assert.equal(
    revisions.current().config.virtualServices[0]?.scheduling,
    'round-robin',
    'what is left out has its default',
  );
});

for (const [what, spoil, code, at] of [
  ['another format', file => Object.assign(file, { format: 'x' }), 'INVALID', '/format'],
  [
    'a property that is not there',
    file => Object.assign(file.config.settings[0] ?? {}, { wrong: 1 }),
    'INVALID',
    '/config/settings/0/wrong',
  ],
  [
    'two objects with one number',
    file => file.config.virtualServices.push({ ...web1 }, { ...web1, port: 81 }),
    'INVALID',
    '/config/virtualServices',
  ],
  ['no settings', file => Object.assign(file.config, { settings: [] }), 'INVALID', '/config/settings'],
  [
    'a server without its service',
    file => file.config.realServers.push({ id: 1, virtualService: 9, address: '192.0.2.9', port: 1 }),
    'UNKNOWN_REFERENCE',
    '/config/realServers/0/virtualService',
  ],
  [
    'an address twice',
    file => file.config.virtualServices.push({ ...web1 }, { ...web1, id: 2 }),
    'ADDRESS_TAKEN',
    '/config/virtualServices/1/port',
  ],
] as [string, (file: Exported) => unknown, string, string][])
  test(`an import with ${what} is refused and changes nothing`, async t => {
    const { call, revisions } = await bench(t);
    const file = (await call('GET', '/api/configuration')).json();
    spoil(file);
    const reply = await call('POST', '/api/configuration', file);
    assert.deepEqual([reply.json().code, reply.json().at], [code, at], reply.body);
    assert.equal(revisions.head, 0);
  });

interface Exported {
  config: Record<string, object[]> & { settings: object[]; virtualServices: object[]; realServers: object[] };
}
const web1 = { id: 1, address: '192.0.2.1', port: 80 };
