import type { Config } from '../config.ts';
import { Fault } from '../faults.ts';
import type { Problem } from '../rules.ts';
import type { VirtualService } from '../virtual-service.ts';

/** What a service that forwards packets cannot do, and what only it can. */
export function networkProblems(config: Config): Problem[] {
  return config.virtualServices.flatMap(vs =>
    faultsOf(vs).map(fault => ({ kind: 'virtualService' as const, id: vs.id, fault })),
  );
}

function faultsOf(vs: VirtualService): Fault[] {
  const faults: Fault[] = [];
  const needs = (label: string, what: string, at: string) =>
    faults.push(new Fault('NEEDS', { label, needs: what }, at));
  if (vs.protocol === 'udp' && vs.layer !== 'l4') needs('UDP', 'Layer 4', '/layer');
  if (vs.layer !== 'l4') {
    if (vs.sourceNat) needs('Source NAT', 'Layer 4', '/sourceNat');
    return faults;
  }
  if (vs.transparent) needs('L7 Transparency', 'Layer 7; Layer 4 is transparent by itself', '/transparent');
  if (vs.type !== 'tcp') needs('Layer 4', 'the service type Generic', '/type');
  if (vs.tls) needs('SSL Acceleration', 'Layer 7', '/tls');
  if (vs.persistence !== 'none' && vs.persistence !== 'source-ip')
    needs('This persistence mode', 'Layer 7: Layer 4 sees addresses only', '/persistence');
  return faults;
}
