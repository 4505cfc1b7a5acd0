import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { PacketService } from '../../server/compile/nftables/packets.ts';
import { commandOf } from '../../server/dataplane/tools/commands.ts';
import { parseFlows, parseSessions } from '../../server/dataplane/tools/connections.ts';
import type { ToolRequest } from '../../server/schema/tools.ts';
import { isConnectionKey, isToolRequest } from '../../server/schema/tools-check.ts';

/** What the privileged side takes for a tool's request, and what it reads of the engine and the kernel. */

test('whatever is taken, no word of a person’s begins with a hyphen or holds a blank', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('-w', '--help', '10.0.0.1', 'a.b', '::1', 'eth0', '$(id)', 'a b'));
  const requests = fc.record({
    tool: fc.constantFrom('ping', 'traceroute', 'capture'),
    host: text,
    source: text,
    link: text,
    address: text,
    count: fc.integer(),
    size: fc.integer(),
    port: fc.integer(),
    packets: fc.integer(),
    seconds: fc.integer(),
  });
  let taken = 0;
  fc.assert(
    fc.property(requests, ({ tool, host, source, link, address, count, size, port, packets, seconds }) => {
      const request =
        tool === 'ping'
          ? { tool, host, source, count: (Math.abs(count) % 100) + 1, size: Math.abs(size) % 8_000 }
          : tool === 'traceroute'
            ? { tool, host, source }
            : {
                tool,
                link,
                address,
                port,
                packets: (Math.abs(packets) % 1_000) + 1,
                seconds: (Math.abs(seconds) % 600) + 1,
              };
      if (!isToolRequest(request)) return;
      taken++;
      const [, args] = commandOf(request as Exclude<ToolRequest, { tool: 'lookup' | 'connect' }>, '/x.pcap');
      const own = tool === 'capture' ? [link, address] : [host, source];
      for (const typed of own) {
        assert.ok(
          args.some(word => word === typed || word.endsWith(`host ${typed}`) || word.includes(`host ${typed} and`)),
          typed,
        );
        assert.match(typed, /^[A-Za-z0-9:.][^\s]*$/);
      }
    }),
    { numRuns: 3_000 },
  );
  assert.ok(taken > 20, `${taken} taken`);
});

test('requests and keys of another shape are refused', () => {
  for (const request of [
    { tool: 'capture', link: '-w/etc/passwd', packets: 1, seconds: 1 },
    { tool: 'capture', link: 'eth0', packets: 1e9, seconds: 1 },
    { tool: 'ping', host: 'a', count: 1, size: 56, more: 1 },
    { tool: 'sh', host: 'a' },
    null,
  ])
    assert.equal(isToolRequest(request), false, JSON.stringify(request));
  for (const key of ['0x55d1', 'tcp 10.0.0.1 5 10.0.0.2 80', 'udp ::1 5 ::2 53']) assert.ok(isConnectionKey(key), key);
  for (const key of ['0x1; disable', 'tcp a b c d', '-D', 'tcp 1.1.1.1 5 -h 5', 7])
    assert.ok(!isConnectionKey(key), String(key));
});

test('sessions of HAProxy: those of services, with service, server and age', () => {
  const text = `0x5581a0: proto=tcpv4 src=10.1.0.50:41234 fe=vs3 be=vs3 srv=rs7 ts=00 epoch=0 age=1m5s calls=2 rate=0
0x5581b0: proto=unix_stream src=unix:1 fe=GLOBAL be=<NONE> srv=<none> ts=00 age=0s calls=1
0x5581c0: proto=tcpv6 src=2001:db8::1:5000 fe=vs3 be=vs12r4 srv=<none> ts=00 epoch=0 age=2h calls=2
`;
  assert.deepEqual(
    parseSessions(text).map(({ key, client, virtualService, realServer, age }) => [
      key,
      client,
      virtualService,
      realServer,
      age,
    ]),
    [
      ['0x5581a0', '10.1.0.50:41234', 3, 7, 65],
      ['0x5581c0', '2001:db8::1:5000', 12, 0, 7_200],
    ],
  );
});

test('flows of the kernel: by the mark of the server, without those that have ended', () => {
  const service = { id: 4, forwarding: 'nat', sourceNat: false, servers: [{ id: 9 }] } as unknown as PacketService;
  const line = (state: string, mark: number) =>
    `tcp      6 431999 ${state} src=10.1.0.50 dst=10.1.0.100 sport=5000 dport=80 src=10.2.0.11 dst=10.1.0.50 sport=80 dport=5000 [ASSURED] mark=${mark} use=1`;
  const text = [line('ESTABLISHED', 0x40000009), line('TIME_WAIT', 0x40000009), line('ESTABLISHED', 5)].join('\n');
  assert.deepEqual(
    parseFlows(text, [service]).map(({ key, virtualService, realServer, client }) => [
      key,
      virtualService,
      realServer,
      client,
    ]),
    [['tcp 10.1.0.50 5000 10.1.0.100 80', 4, 9, '10.1.0.50:5000']],
  );
});
