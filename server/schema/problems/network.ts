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
    return faults;
  }
  if (vs.transparent) needs('L7 Transparency', 'Layer 7; Layer 4 is transparent by itself', '/transparent');
  if (vs.type !== 'tcp') needs('Layer 4', 'the service type Generic', '/type');
  if (vs.tls) needs('SSL Acceleration', 'Layer 7', '/tls');
  if (vs.persistence !== 'none' && vs.persistence !== 'source-ip')
    needs('This persistence mode', 'Layer 7: Layer 4 sees addresses only', '/persistence');
  if (vs.forwarding === 'route' && vs.sourceNat)
    needs('Source NAT', 'the forwarding method NAT: with direct return packets stay as they are', '/sourceNat');
  return faults;
}

/** With direct return a packet reaches its server unchanged, and so its port. */
function serverProblems(config: Config): Problem[] {
  const direct = new Map(
    config.virtualServices.filter(vs => vs.layer === 'l4' && vs.forwarding === 'route').map(vs => [vs.id, vs]),
  );
  return config.realServers.flatMap(({ id, virtualService, port }) => {
    const vs = direct.get(virtualService);
    if (!vs || vs.port === port) return [];
    const fault = new Fault('NEEDS', { label: 'Direct return', needs: `the port of the service, ${vs.port}` }, '/port');
    return [{ kind: 'realServer' as const, id, fault }];
  });
}
