import type { Config } from '../config.ts';
import { Fault } from '../faults.ts';
import type { Problem } from '../rules.ts';
import type { VirtualService } from '../virtual-service.ts';

/** What a service that forwards packets cannot do, and what only it can. */
export function networkProblems(config: Config): Problem[] {
  return [
    ...config.virtualServices.flatMap(vs =>
      faultsOf(vs).map(fault => ({ kind: 'virtualService' as const, id: vs.id, fault })),
    ),
    ...serverProblems(config),
  ];
}

function faultsOf(vs: VirtualService): Fault[] {
  const faults: Fault[] = [];
  const needs = (label: string, what: string, at: string) =>
    faults.push(new Fault('NEEDS', { label, needs: what }, at));
  if (vs.protocol === 'udp' && vs.layer !== 'l4') needs('UDP', 'Layer 4', '/layer');
  if (vs.layer !== 'l4') {
    if (vs.sourceNat) needs('Source NAT', 'Layer 4', '/sourceNat');
    if (vs.forwarding === 'route') needs('Direct return', 'Layer 4', '/forwarding');
    if (vs.wildcardPort) needs('The wildcard port', 'Layer 4: HAProxy would open 65,535 sockets', '/wildcardPort');
    return faults;
  }
  if (vs.transparent) needs('L7 Transparency', 'Layer 7; Layer 4 is transparent by itself', '/transparent');
  if (vs.type !== 'tcp') needs('Layer 4', 'the service type Generic', '/type');
  if (vs.tls) needs('SSL Acceleration', 'Layer 7', '/tls');
  if (vs.persistence !== 'none' && vs.persistence !== 'source-ip')
    needs('This Persistence Mode', 'Layer 7: Layer 4 sees addresses only', '/persistence');
  if (!KERNEL.has(vs.scheduling)) needs('This Scheduling Method', 'Layer 7', '/scheduling');
  for (const [name, label] of ONLY_L7) if (vs[name]) needs(label, 'Layer 7', `/${name}`);
  if (vs.followService > 0) needs('Port Following', 'Layer 7', '/followService');
  if (vs.protocol === 'udp' && !UDP_CHECKS.has(vs.checkType) && vs.checkPort === 0)
    needs('A check over TCP', 'a Checked Port: the service itself is UDP', '/checkPort');
  if (vs.wildcardPort && vs.forwarding === 'route')
    needs('The wildcard port', 'the forwarding method NAT', '/wildcardPort');
  if (vs.wildcardPort && vs.extraPorts.length > 0)
    needs('Extra Ports', 'a service without the wildcard port, which has them all', '/extraPorts');
  if (vs.forwarding === 'route' && vs.sourceNat)
    needs('Source NAT', 'the forwarding method NAT: with direct return packets stay as they are', '/sourceNat');
  return faults;
}

/** What the kernel can do by itself. */
const KERNEL = new Set<VirtualService['scheduling']>([
  'round-robin',
  'weighted-round-robin',
  'least-connection',
  'weighted-least-connection',
  'source-ip-hash',
  'fixed-weighting',
]);

const ONLY_L7 = [
  ['connectionRateLimit', 'A limit of connections'],
  ['concurrentLimit', 'A limit of connections'],
  ['sorryAddress', 'A sorry server'],
  ['alternateAddress', 'An alternate address'],
] as const;

const UDP_CHECKS = new Set<VirtualService['checkType']>(['icmp', 'dns', 'none']);

/** With direct return a packet reaches its server unchanged, and so its port. */
function serverProblems(config: Config): Problem[] {
  const kept = new Map(
    config.virtualServices
      .filter(vs => vs.layer === 'l4' && (vs.forwarding === 'route' || vs.wildcardPort || vs.extraPorts.length > 0))
      .map(vs => [vs.id, vs]),
  );
  return config.realServers.flatMap(({ id, virtualService, port }) => {
    const vs = kept.get(virtualService);
    if (!vs || vs.port === port) return [];
    const label = vs.forwarding === 'route' ? 'Direct return' : 'Layer 4 with more than one port';
    const fault = new Fault('NEEDS', { label, needs: `the port of the service, ${vs.port}` }, '/port');
    return [{ kind: 'realServer' as const, id, fault }];
  });
}
