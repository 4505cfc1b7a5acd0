import assert from 'node:assert/strict';
import test from 'node:test';
import type { TemplateView } from '../../server/schema/template-calls.ts';
import { bench } from '../api/bench.ts';
import { preview } from '../api/fake-data-plane.ts';

/** The calls about templates, against the API with a stand-in for the data plane. */

const web = (address: string) => ({
  template: 'web-http',
  inputs: { address, servers: ['198.51.100.1', '198.51.100.2:81'] },
});

const rule = { name: 'images', pattern: '^/images', ignoreCase: true };
const file = {
  format: 'ballast-template',
  version: 1,
  name: 'Shop',
  comment: 'Ours.',
  inputs: [
    { name: 'address', label: 'Virtual Address', kind: 'address' },
    { name: 'servers', label: 'Servers', kind: 'servers' },
  ],
  rules: [rule],
  services: [
    {
      values: { name: 'Shop', port: 80, contentSwitching: true },
      from: { address: 'address' },
      subServices: [
        {
          values: { name: 'Images' },
          named: { rules: ['images'] },
          servers: { from: 'servers', port: 8080, values: { weight: 7 } },
        },
        { values: { name: 'Rest', defaultRule: true }, servers: { from: 'servers' } },
      ],
    },
  ],
};

test('the list has the shipped templates with what they ask for and make, without any import', async t => {
  const { call } = await bench(t);
  const list = (await call('GET', '/api/templates')).json() as TemplateView[];
  const exchange = list.find(each => each.key === 'exchange-2019-reencrypted');
  assert.deepEqual(
    exchange?.inputs.map(input => input.kind),
    ['address', 'servers', 'certificate', 'hostname'],
  );
  assert.deepEqual(exchange?.makes, [
    'Exchange HTTP redirect, port 80',
    'Exchange 2019 HTTPS Re-encrypted, port 443, 10 SubVSs',
  ]);
  assert.ok(list.every(each => each.id === 0 && each.problem === ''));
});

test('apply: one revision makes everything, and a preview before it made nothing', async t => {
  const { call, revisions } = await bench(t);
  const foreseen = await call('POST', '/api/templates/preview', web('192.0.2.1'));
  assert.equal(foreseen.statusCode, 200, foreseen.body);
  assert.equal(revisions.head, 0, 'nothing was changed');
  const { objects, preview: effect } = foreseen.json();
  assert.deepEqual(effect, preview);
  assert.deepEqual(objects[0].servers, ['198.51.100.1:80', '198.51.100.2:81']);
  assert.equal(objects[0].endpoint, '192.0.2.1:80');
  const check = objects[0].values.find((each: { property: string }) => each.property === 'checkMethod');
  assert.deepEqual(check, {
    property: 'checkMethod',
    label: 'HTTP Method',
    value: 'GET',
    usual: 'HEAD',
    reason: 'Some applications answer HEAD with an error.',
  });

  const made = await call('POST', '/api/templates/apply', web('192.0.2.1'));
  assert.equal(made.statusCode, 200, made.body);
  assert.equal(revisions.head, 1, 'one revision');
  assert.deepEqual(made.json().object, { virtualServices: [1], realServers: [1, 2], contentRules: [] });
  const { config } = revisions.current();
  assert.deepEqual(
    config.realServers.map(each => `${each.address}:${each.port}`),
    ['198.51.100.1:80', '198.51.100.2:81'],
  );
});

test('an address that is taken, a missing input and a wrong one are refused at their input, and nothing is made', async t => {
  const { call, revisions } = await bench(t);
  await call('POST', '/api/templates/apply', web('192.0.2.1'));
  const refused = async (body: object, code: string, at: string) => {
    for (const path of ['/api/templates/apply', '/api/templates/preview']) {
      const reply = await call('POST', path, body);
      assert.ok(reply.statusCode >= 400, reply.body);
      const { code: told, at: place } = reply.json();
      assert.deepEqual([told, place], [code, at], reply.body);
    }
    assert.equal(revisions.head, 1);
  };
  await refused(web('192.0.2.1'), 'ADDRESS_TAKEN', '/inputs/address');
  await refused(web('224.0.0.1'), 'BAD_ADDRESS', '/inputs/address');
  await refused(web('nonsense'), 'INVALID', '/inputs/address');
  await refused({ template: 'web-http', inputs: {} }, 'INVALID', '/inputs/address');
  await refused(
    { template: 'web-http', inputs: { ...web('192.0.2.2').inputs, colour: 'red' } },
    'INVALID',
    '/inputs/colour',
  );
  await refused(
    { template: 'web-http', inputs: { address: '192.0.2.2', servers: ['198.51.100.1', '198.51.100.1'] } },
    'INVALID',
    '/inputs/servers',
  );
  await refused(
    { template: 'web-http', inputs: { address: '192.0.2.2', servers: ['a b'] } },
    'INVALID',
    '/inputs/servers',
  );
  await refused(
    { template: 'web-http', inputs: { address: '192.0.2.2', checkUrl: 'no slash' } },
    'INVALID',
    '/inputs/checkUrl',
  );
  await refused(
    { template: 'web-https', inputs: { address: '192.0.2.2', certificate: [9] } },
    'INVALID',
    '/inputs/certificate',
  );
  await refused({ template: 'web-https', inputs: { address: '192.0.2.2' } }, 'INVALID', '/inputs/certificate');
  await refused({ template: 'no-such', inputs: {} }, 'UNKNOWN_TEMPLATE', '/template');
  await refused({ template: 'installed-9', inputs: {} }, 'UNKNOWN_TEMPLATE', '/template');
});

test('a file is imported, applied and deleted; what was made of it stays', async t => {
  const { call, revisions } = await bench(t);
  const stored = await call('POST', '/api/templates', file);
  assert.equal(stored.statusCode, 200, stored.body);
  const { key } = stored.json().object;
  assert.equal(key, 'installed-1');
  assert.equal((await call('POST', '/api/templates', file)).json().code, 'NAME_TAKEN');
  assert.deepEqual((await call('GET', `/api/templates/${key}`)).json(), file);

  const inputs = { address: '192.0.2.1', servers: ['198.51.100.1'] };
  const made = await call('POST', '/api/templates/apply', { template: key, inputs });
  assert.equal(made.statusCode, 200, made.body);
  assert.deepEqual(made.json().object, { virtualServices: [1, 2, 3], realServers: [1, 2], contentRules: [1] });
  const { config } = revisions.current();
  assert.deepEqual(
    config.virtualServices.map(({ parent, rules }) => ({ parent, rules })),
    [
      { parent: 0, rules: [] },
      { parent: 1, rules: [1] },
      { parent: 1, rules: [] },
    ],
  );
  assert.deepEqual(
    config.realServers.map(({ port, weight }) => ({ port, weight })),
    [
      { port: 8080, weight: 7 },
      { port: 80, weight: 1000 },
    ],
  );
  // Again elsewhere: the rule that is there is used.
  const again = await call('POST', '/api/templates/apply', {
    template: key,
    inputs: { ...inputs, address: '192.0.2.2' },
  });
  assert.deepEqual(again.json().object.contentRules, []);
  assert.equal(revisions.current().config.contentRules.length, 1);

  assert.equal((await call('DELETE', `/api/templates/${key}`)).statusCode, 200);
  assert.equal(revisions.current().config.virtualServices.length, 6);
  assert.equal((await call('DELETE', '/api/templates/web-http')).json().code, 'SHIPPED');
});

test('a content rule of that name that does something else is no help', async t => {
  const { call, revisions } = await bench(t);
  await call('POST', '/api/content-rules', { ...rule, pattern: '^/pictures' });
  const { key } = (await call('POST', '/api/templates', file)).json().object;
  const reply = await call('POST', '/api/templates/apply', {
    template: key,
    inputs: { address: '192.0.2.1', servers: ['198.51.100.1'] },
  });
  assert.equal(reply.json().code, 'NAME_TAKEN', reply.body);
  assert.equal(revisions.current().config.virtualServices.length, 0);
});

for (const [what, spoil, at] of [
  ['a property that is not there', f => (f.services[0].values.wrong = 1), '/services/0/values/wrong'],
  ['a value out of its limits', f => (f.services[0].values.port = 70_000), '/services/0/values/port'],
  ['a number of an object', f => (f.services[0].values.certificates = [1]), '/services/0/values/certificates'],
  [
    'a wrong property of a SubVS',
    f => (f.services[0].subServices[1].values.speed = 1),
    '/services/0/subServices/1/values/speed',
  ],
  [
    'a SubVS with SubVSs',
    f => (f.services[0].subServices[0].subServices = []),
    '/services/0/subServices/0/subServices',
  ],
  [
    'a wrong property of a server',
    f => (f.services[0].subServices[0].servers.values.id = 1),
    '/services/0/subServices/0/servers/values/id',
  ],
  ['a wrong property of a rule', f => (f.rules[0].what = 1), '/rules/0/what'],
  ['another format', f => (f.format = 'x'), '/format'],
  ['no service', f => (f.services = []), '/services'],
  ['an input of no kind', f => (f.inputs[0].kind = 'colour'), '/inputs/0/kind'],
  ['a source that is no input', f => (f.services[0].from.address = 'nowhere'), '/services/0/from/address'],
  ['a source of another kind', f => (f.services[0].from.address = 'servers'), '/services/0/from/address'],
  ['a property that cannot name', f => (f.services[0].named = { port: 'x' }), '/services/0/named/port'],
  ['a reason for nothing', f => (f.services[0].reasons = { colour: 'Red.' }), '/services/0/reasons/colour'],
  ['an input twice', f => f.inputs.push(f.inputs[0]), '/inputs/2'],
  // biome-ignore lint/suspicious/noExplicitAny: files are spoilt in ways no type allows
] as [string, (f: any) => unknown, string][])
  test(`a file with ${what} is refused with its place`, async t => {
    const { call, revisions } = await bench(t);
    const bad = structuredClone(file);
    spoil(bad);
    const reply = await call('POST', '/api/templates', bad);
    assert.equal(reply.json().at, at, reply.body);
    assert.equal(reply.json().code, 'INVALID');
    assert.equal(revisions.head, 0);
  });

test('what is exported of a service and imported elsewhere makes the same service', async t => {
  const one = await bench(t);
  const { key } = (await one.call('POST', '/api/templates', file)).json().object;
  await one.call('POST', '/api/templates/apply', {
    template: key,
    inputs: { address: '192.0.2.1', servers: ['198.51.100.1', '198.51.100.2'] },
  });
  await one.call('PATCH', '/api/virtual-services/1', { alternateAddress: '192.0.2.77' });
  await one.call('PATCH', '/api/virtual-services/2', { scheduling: 'least-connection', checkUrl: '/well' });
  const exported = await one.call('GET', '/api/virtual-services/1/template');
  assert.equal(exported.statusCode, 200, exported.body);
  assert.doesNotMatch(exported.body, /192\.0\.2\.|198\.51\.100\./, 'addresses stay here');

  const other = await bench(t);
  const stored = await other.call('POST', '/api/templates', exported.json());
  assert.equal(stored.statusCode, 200, stored.body);
  const made = await other.call('POST', '/api/templates/apply', {
    template: stored.json().object.key,
    inputs: { address: '192.0.2.1', alternateAddress: '192.0.2.77', servers: ['198.51.100.1', '198.51.100.2'] },
  });
  assert.equal(made.statusCode, 200, made.body);
  for (const list of ['virtualServices', 'realServers', 'contentRules'] as const)
    assert.deepEqual(other.revisions.current().config[list], one.revisions.current().config[list], list);
  const sub = await one.call('GET', '/api/virtual-services/2/template');
  assert.equal(sub.json().code, 'NEEDS', 'a SubVS comes with its parent');
});
