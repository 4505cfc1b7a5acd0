import assert from 'node:assert/strict';
import test from 'node:test';
import type { ProxySet, Server } from '../../server/compile/proxy.ts';
import { linkFor, parseLinks } from '../../server/dataplane/addresses.ts';
import { diff } from '../../server/dataplane/diff.ts';
import { firstAlert } from '../../server/dataplane/engine-log.ts';
import { parseListeners } from '../../server/dataplane/listeners.ts';
import { parseCpu, parseMemory, parseNetwork } from '../../server/dataplane/machine.ts';
import { parseStats } from '../../server/dataplane/observe.ts';
import { parseProcesses } from '../../server/dataplane/processes.ts';
import { healthOnly } from '../../server/dataplane/server-state.ts';
import { TrafficMeters } from '../../server/dataplane/traffic.ts';

test('diff shows what went and what came, with a little around it', () => {
  assert.equal(diff('a\nb\nc', 'a\nb\nc'), '');
  assert.equal(diff('a\nb\nc\nd\ne', 'a\nb\nX\nd\ne', 1), ' b\n-c\n+X\n d');
  const long = Array.from({ length: 40 }, (_, i) => `line ${i}`);
  const changed = long.with(3, 'first').with(30, 'second').join('\n');
  const shown = diff(long.join('\n'), changed, 1);
  assert.match(shown, /-line 3\n\+first\n line 4\n@@\n line 29\n-line 30\n\+second/);
});

test('show proc of a master that reloaded and of one that could not', () => {
  const good = `#<PID>          <type>          <reloads>       <uptime>        <version>
10              master          2 [failed: 0]   0d00h00m22s     2.6.12
# workers
12              worker          0               0d00h00m01s     2.6.12
# old workers
11              worker          1               0d00h00m21s     2.6.12
# programs
`;
  assert.deepEqual(parseProcesses(good), {
    master: 10,
    failed: 0,
    reloads: 2,
    uptime: 22,
    worker: 12,
    old: [11],
  });
  assert.equal(parseProcesses(good.replace('failed: 0', 'failed: 1')).failed, 1);
});

test('an alert is told in the engine’s own words', () => {
  const text = `[NOTICE]   (1) : haproxy version is 2.6.12
[ALERT]    (1) : config : parsing [haproxy.cfg:3] : unknown keyword 'x' in 'global' section
[ALERT]    (1) : config : Fatal errors found in configuration.`;
  assert.equal(firstAlert(text), "parsing [haproxy.cfg:3] : unknown keyword 'x' in 'global' section");
});

const HEADER =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_port srv_use_ssl';
const DUMP = `1
${HEADER}
3 vs1 1 rs1 10.0.0.1 2 0 100 100 80 0
3 vs1 2 rs2 10.0.0.2 0 0 0 100 80 0
3 vs1 3 rs3 10.0.0.3 0 1 100 100 80 0
3 vs1 4 rs4 10.0.0.4 1 0 100 100 80 0
`;

/** One backend with rs1..rs4 as in the dump, changed. */
function set(change: Partial<Record<string, Partial<Server>>> = {}): ProxySet {
  const servers = [1, 2, 3, 4].map(
    (n): Server => ({
      name: `rs${n}`,
      address: `10.0.0.${n}`,
      port: 80,
      weight: 100,
      maxconn: 0,
      admin: 'ready',
      options: ['check'],
      dynamic: true,
      ...change[`rs${n}`],
    }),
  );
  return { sections: [{ kind: 'backend', name: 'vs1', lines: [], servers }], files: {} };
}

const rowsOf = (state: string) => state.trim().split('\n').slice(2);

test('an alert may have several lines, and a server that is down is no reason', () => {
  const text = `[ALERT]    (1) : backend 'vs1' has no server available!
[ALERT]    (1) : config : parsing [haproxy.cfg:39] : 'bind 127.0.0.1:80' in section 'frontend' :
  'crt-list' : unable to load certificate.
[ALERT]    (1) : config : Fatal errors found in configuration.`;
  assert.equal(
    firstAlert(text),
    "parsing [haproxy.cfg:39] : 'bind 127.0.0.1:80' in section 'frontend' : 'crt-list' : unable to load certificate",
  );
  assert.equal(firstAlert('no such file'), 'no such file');
  assert.equal(firstAlert(''), '');
});

test('of a state dump only the health of checked servers is kept', () => {
  const kept = healthOnly(DUMP, set(), set());
  assert.deepEqual(kept.split('\n').slice(0, 2), ['1', HEADER]);
  assert.deepEqual(rowsOf(kept), ['3 vs1 1 rs1 10.0.0.1 2 0 100 100 80 0', '3 vs1 2 rs2 10.0.0.2 0 0 100 100 80 0']);
  assert.equal(healthOnly('', set(), set()), '1\n');
});

test('weights in a state file are those that are loaded', () => {
  assert.deepEqual(
    rowsOf(healthOnly(DUMP, set(), set({ rs2: { weight: 7 } })))
      .at(-1)
      ?.split(' ')
      .slice(5),
    ['0', '0', '7', '7', '80', '0'],
  );
});

const changed: [string, Partial<Server>][] = [
  ['address', { address: '10.0.0.9' }],
  ['port', { port: 81 }],
  ['TLS', { options: ['check', 'ssl'] }],
  ['no check any more', { options: [] }],
  ['disabled', { admin: 'maint' }],
];
for (const [name, change] of changed)
  test(`a server that changes takes no health along: ${name}`, () => {
    const rows = rowsOf(healthOnly(DUMP, set(), set({ rs2: change })));
    assert.deepEqual(
      rows.map(row => row.split(' ')[3]),
      ['rs1'],
    );
  });

test('listening sockets of both families', () => {
  const v4 = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1
   1: 0100007F:1F91 0100007F:0016 01 00000000:00000000 00:00000000 00000000     0        0 4243 1`;
  assert.deepEqual(parseListeners(v4), [{ address: '127.0.0.1', port: 8080, inode: '4242' }]);
  const v6 = `header
   0: 000080FE00000000FF005450B6AD1DFE:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1
   1: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 78 1`;
  assert.deepEqual(
    parseListeners(v6).map(({ address, port }) => `${address} ${port}`),
    ['fe80::5054:ff:fe1d:adb6 80', ':: 443'],
  );
});

test('an address goes to the interface of its narrowest subnet', () => {
  const links = parseLinks(
    JSON.stringify([
      { ifname: 'lo', addr_info: [{ local: '127.0.0.1', prefixlen: 8 }] },
      {
        ifname: 'eth0',
        addr_info: [
          { local: '10.0.0.5', prefixlen: 8 },
          { local: '10.9.9.9', prefixlen: 32 },
        ],
      },
      {
        ifname: 'eth1',
        addr_info: [
          { local: '10.1.0.5', prefixlen: 16 },
          { local: '2001:db8::5', prefixlen: 64 },
        ],
      },
    ]),
  );
  assert.equal(linkFor('10.1.2.3', links), 'eth1');
  assert.equal(linkFor('10.2.2.3', links), 'eth0');
  assert.equal(linkFor('2001:db8::99', links), 'eth1');
  assert.equal(linkFor('192.0.2.1', links), undefined);
});

test('statistics with commas in quotes', () => {
  const csv =
    '# pxname,svname,scur,stot,bin,bout,status,lastchg,check_status,check_code,check_duration,last_chk,req_tot,rtime\nvs1,rs1,1,20,300,400,DOWN,5,L7STS,500,3,"bad, very",,7\n';
  const [row] = parseStats(csv);
  assert.equal(row?.lastCheck, 'bad, very');
  assert.equal(row?.checkCode, 500);
  assert.equal(row?.responseTime, 7);
});

test('totals go on over a restart of the engine and rates never jump', () => {
  const meters = new TrafficMeters();
  const shown = (n: number) => ({
    connections: 1,
    totalConnections: n,
    totalRequests: n,
    totalIn: n * 10,
    totalOut: n * 100,
  });
  assert.equal(meters.read('a', 1_000, shown(500)).requestRate, 0, 'the first sight has no rate');
  assert.equal(meters.read('a', 2_000, shown(600)).requestRate, 100);
  const after = meters.read('a', 3_000, shown(7));
  assert.equal(after.totalRequests, 607);
  assert.equal(after.requestRate, 7);
  assert.equal(meters.read('a', 4_000, shown(8)).totalRequests, 608);
  const next = new TrafficMeters();
  next.load(meters.save());
  assert.equal(next.read('a', 5_000, shown(9)).totalRequests, 609);
  assert.equal(next.total('b', 5_000, 4), 4);
  assert.equal(next.total('b', 6_000, 1), 5);
  next.worker(1);
  next.worker(2);
  assert.equal(next.read('a', 6_000, shown(50)).totalRequests, 659, 'another worker, though it shows more');
  const lost = new TrafficMeters();
  lost.load('not what was saved');
  assert.equal(lost.read('a', 6_000, shown(10)).totalRequests, 10);
});

test('the machine’s own figures', () => {
  assert.deepEqual(parseCpu('cpu  10 0 10 70 10 0 0 0 0 0\n'), { busy: 20, total: 100 });
  assert.deepEqual(parseMemory('MemTotal: 100 kB\nMemFree: 1 kB\nMemAvailable: 40 kB\n'), {
    memoryTotal: 102_400,
    memoryUsed: 61_440,
  });
  const dev = 'Inter-|\n face |\n    lo: 5 0 0 0 0 0 0 0 5 0\n  eth0: 7 0 0 0 0 0 0 0 9 0\n';
  assert.deepEqual(parseNetwork(dev), [{ name: 'eth0', received: 7, sent: 9 }]);
});
