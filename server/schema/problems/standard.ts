import { type Config, type Facts, settingsOf } from '../config.ts';
import { Fault } from '../faults.ts';
import { hasTable, needsBytes, needsHttp } from '../persistence.ts';
import type { Problem } from '../rules.ts';
import type { VirtualService } from '../virtual-service.ts';

/** What scheduling, persistence and draining need. */
export function standardProblems(config: Config, facts: Facts): Problem[] {
  const settings = settingsOf(config);
  return [
    ...config.virtualServices.flatMap(vs =>
      [...modeFaults(vs), ...followFaults(vs, config)].map(fault => ({
        kind: 'virtualService' as const,
        id: vs.id,
        fault,
      })),
    ),
    // Tests have no minute to wait; where they run services may have loopback addresses.
    ...(settings.drainTime > 0 && settings.drainTime < 60 && !facts.loopback
      ? [
          {
            kind: 'settings' as const,
            id: settings.id,
            fault: needs('Connection Drain Time', 'to be 0 or at least 60 seconds', 'drainTime'),
          },
        ]
      : []),
  ];
}

const needs = (label: string, wanted: string, at: string) => new Fault('NEEDS', { label, needs: wanted }, `/${at}`);

function modeFaults(vs: VirtualService): Fault[] {
  const { persistence: mode, type } = vs;
  return [
    ...(needsHttp(mode) && type !== 'http'
      ? [needs('This Persistence Mode', 'the service type HTTP/HTTPS', 'persistence')]
      : []),
    ...(needsBytes(mode) && type !== 'tcp'
      ? [needs('This Persistence Mode', 'the service type TCP', 'persistence')]
      : []),
    ...(mode === 'ssl-session' && vs.tls
      ? [needs('SSL session ID', 'SSL Acceleration off: it reads the handshake with the Real Server', 'persistence')]
      : []),
    ...(mode.startsWith('server-cookie') && vs.persistenceCookie === ''
      ? [needs('Server cookie', 'a Cookie Name', 'persistenceCookie')]
      : []),
    ...(mode === 'header' && vs.persistenceHeader === ''
      ? [needs('Selected header', 'a Header Name', 'persistenceHeader')]
      : []),
    ...(mode === 'query-hash' && vs.persistenceQuery === ''
      ? [needs('Hash of HTTP query item', 'a Query Item', 'persistenceQuery')]
      : []),
    ...(vs.scheduling === 'url-hash' && type !== 'http'
      ? [needs('URL hash', 'the service type HTTP/HTTPS', 'scheduling')]
      : []),
  ];
}

/** A service that is not in the list is another rule's fault. */
function followFaults(vs: VirtualService, config: Config): Fault[] {
  // A service that is not stored yet has the number 0, which follows nobody either.
  const leader = config.virtualServices.find(other => other.id !== 0 && other.id === vs.followService);
  if (!leader) return [];
  const wanted =
    leader.id === vs.id
      ? 'another service than this one'
      : leader.followService > 0
        ? 'a service that follows none itself'
        : !hasTable(vs.persistence)
          ? 'a Persistence Mode that keeps a table'
          : leader.persistence !== vs.persistence
            ? 'the Persistence Mode of the followed service'
            : leader.type !== vs.type
              ? 'a service of the same type'
              : vs.scheduling === 'fixed-weighting'
                ? 'another scheduling method than fixed weighting'
                : undefined;
  return wanted ? [needs('Port Following', wanted, 'followService')] : [];
}
