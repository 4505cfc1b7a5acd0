import { emptyConfig, settingsOf } from '../../schema/config.ts';
import { fill } from '../../schema/derive.ts';
import { Fault } from '../../schema/faults.ts';
import { problemsOf } from '../../schema/rules.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { type Call, need, readTree } from '../call.ts';

export function getServerChecks(call: Call) {
  need(readTree(call), 'realServer', call.id);
  return call.services.dataPlane.checks(call.id);
}

/** A documentation address: nothing listens there, the service is only what the check is read from. */
const NOWHERE = { id: 1, address: '192.0.2.1', port: 9 };

export async function tryChecks(call: Call) {
  const { service, servers } = call.body as {
    service: Partial<VirtualService>;
    servers: { address: string; port: number }[];
  };
  const { settings } = readTree(call);
  const vs = fill('virtualService', { ...service, ...NOWHERE });
  const config = {
    ...emptyConfig(),
    settings,
    // What re-encryption itself needs is a question of the service; here it only says how servers are spoken to.
    virtualServices: [{ ...vs, reencrypt: false }],
    realServers: servers.map((server, at) => fill('realServer', { ...server, id: at + 1, virtualService: 1 })),
  };
  const [problem] = problemsOf(config, call.services.facts);
  if (problem) {
    const { kind, id, fault } = problem;
    const place = kind === 'realServer' ? `/servers/${id - 1}` : '/service';
    throw new Fault(fault.code, fault.facts, `${place}${fault.at ?? ''}`);
  }
  const reply = await call.services.dataPlane.tryChecks({ service: vs, settings: settingsOf(config), servers });
  if ('fault' in reply) throw new Fault('ENGINE_REFUSED', { reason: reasonOf(reply.fault.message) });
  return reply.results;
}

/** The engine's own words, out of the sentence the data plane made of them. */
const reasonOf = (message: string) => message.replace(/^The engine refused the configuration: (.*)\.$/s, '$1');
