import assert from 'node:assert/strict';
import test from 'node:test';
import { checkedPort, judgeOf, leastInterval } from '../../server/schema/check.ts';
import { type Config, emptyConfig } from '../../server/schema/config.ts';
import { fill } from '../../server/schema/derive.ts';
import { problemsOf } from '../../server/schema/rules.ts';

/** What the rules say of health checks, and whose check decides about a server. */

function tree(service: object, servers: object[] = [], settings: object = {}): Config {
  return {
    ...emptyConfig(),
    settings: [fill('settings', { id: 1, ...settings })],
    virtualServices: [1, 2].map(id => fill('virtualService', { id, address: `192.0.2.${id}`, port: 80, ...service })),
    realServers: servers.map((server, at) =>
      fill('realServer', { id: at + 1, virtualService: 1, address: `198.51.100.${at + 1}`, port: 80, ...server }),
    ),
  };
}

const faults = (config: Config) =>
  problemsOf(config, { managementPort: 8443, loopback: false })
    .filter(({ kind, id }) => kind !== 'virtualService' || id === 1)
    .map(({ kind, fault }) => `${kind}${fault.at}: ${fault.message}`);

test('the interval holds a whole cycle of time-outs, whoever says the times', () => {
  assert.deepEqual(faults(tree({})), []);
  assert.deepEqual(faults(tree({ checkInterval: 7, checkTimeout: 2, checkRetries: 3 })), []);
  assert.deepEqual(faults(tree({ checkInterval: 6, checkTimeout: 2, checkRetries: 3 })), [
    'virtualService/checkInterval: Interval needs to be at least timeout × retries + 1 = 7 seconds.',
  ]);
  // 9 s, the default, against 5 × 2 + 1.
  assert.deepEqual(faults(tree({ checkTimeout: 5 })), [
    'virtualService/checkTimeout: Interval of the settings needs to be at least timeout × retries + 1 = 11 seconds.',
  ]);
  assert.deepEqual(faults(tree({ checkRetries: 3 })), [
    'virtualService/checkRetries: Interval of the settings needs to be at least timeout × retries + 1 = 13 seconds.',
  ]);
  assert.deepEqual(faults(tree({ checkTimeout: 5 }, [], { checkInterval: 11 })), []);
  assert.deepEqual(faults(tree({}, [], { checkInterval: 8 })), [
    'settings/checkInterval: Interval needs to be at least timeout × retries + 1 = 9 seconds.',
  ]);
  assert.deepEqual(faults(tree({ checkType: 'none', checkInterval: 1 })), [], 'no check has no times');
});

test('a single try only has to end before the next', () => {
  assert.equal(leastInterval({ timeout: 4, retries: 1 }), 4);
  assert.deepEqual(faults(tree({ checkInterval: 1, checkTimeout: 1, checkRetries: 1 })), []);
});

test('headers that the check sends itself are not for custom ones', () => {
  for (const header of ['Host: a', 'content-length: 3', 'CONNECTION: close', 'Transfer-Encoding: chunked'])
    assert.match(faults(tree({ checkHeaders: ['X-Ok: 1', header] })).join(), /checkHeaders: Custom Headers needs no /);
  assert.deepEqual(faults(tree({ checkHeaders: ['X-Host: a'] })), []);
});

test('a pattern is one that HAProxy can read and that cannot leave its place', () => {
  for (const pattern of ['ok', '^down', "it's (?:up|fine)$", '(?i)ready', 'a{3}', '\\d+\\.\\d'])
    assert.deepEqual(faults(tree({ checkPattern: pattern })), [], pattern);
  for (const pattern of ['(', 'a)|(b', '\\1', '\\p{L}', '(?<=a)b', '[[:foo:]]', 'a{9999}', '\\Qa', '^^('])
    assert.match(faults(tree({ checkPattern: pattern })).join(), /checkPattern: Reply 200 Pattern /, pattern);
});

test('expected bytes fit where they are looked for', () => {
  assert.deepEqual(faults(tree({ checkExpect: 'aabb', checkMatchLength: 2 })), []);
  assert.deepEqual(faults(tree({ checkExpect: 'aabb' })), []);
  assert.match(faults(tree({ checkExpect: 'aabb', checkMatchLength: 1 })).join(), /checkMatchLength/);
});

test('who follows whom: no circles, nobody who is not there', () => {
  assert.deepEqual(faults(tree({}, [{}, { follow: 1 }, { follow: 2 }])), []);
  assert.equal(faults(tree({}, [{ follow: 2 }, { follow: 1 }])).length, 2);
  assert.match(faults(tree({}, [{ follow: 1 }])).join(), /^realServer\/follow: Healthcheck On needs a server/);
  assert.match(faults(tree({}, [{ follow: 9 }])).join(), /^realServer\/follow: 198\.51\.100\.1:80 needs the server/);
});

test('whose check decides: at the end of the chain, and one’s own when a leader does not run', () => {
  const config = tree({}, [{}, { virtualService: 2, follow: 1 }, { virtualService: 2, follow: 2 }]);
  const judge = (of: Config) => judgeOf(of.realServers[2] as never, of.virtualServices[1] as never, of)?.rs.id;
  assert.equal(judge(config), 1);
  const off = structuredClone(config);
  Object.assign(off.virtualServices[0] as object, { enabled: false });
  assert.equal(judge(off), 2, 'the first does not run: the second is checked itself');
  const unchecked = structuredClone(config);
  Object.assign(unchecked.virtualServices[0] as object, { checkType: 'none' });
  assert.equal(judge(unchecked), undefined);
});

test('a name service is asked on its own port', () => {
  assert.equal(checkedPort({ checkType: 'dns', checkPort: 0 }, { port: 80 }), 53);
  assert.equal(checkedPort({ checkType: 'dns', checkPort: 5353 }, { port: 80 }), 5353);
  assert.equal(checkedPort({ checkType: 'tcp', checkPort: 0 }, { port: 80 }), 80);
});
