import type { Certificate } from '../../../../server/schema/certificate.ts';
import { emptyConfig } from '../../../../server/schema/config.ts';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { canonical, problemsOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import type { Needs } from '../../form/blocks.ts';
import type { Rules } from '../../form/use-form.ts';

/** What has no effect without something else. What is forbidden is not here: rules.ts knows that. */
export const serviceNeeds: Needs = {
  persistenceTimeout: { of: 'persistence', among: ['source-ip', 'active-cookie'] },
  certificates: { of: 'tls', among: [true] },
  tlsMinimum: { of: 'tls', among: [true] },
  forwardedHeader: { of: 'type', among: ['http'] },
  unavailableAction: { of: 'type', among: ['http'] },
  unavailableCode: { of: 'unavailableAction', among: ['error'] },
  unavailableMessage: { of: 'unavailableAction', among: ['error'] },
  redirectCode: { of: 'unavailableAction', among: ['redirect'] },
  redirectUrl: { of: 'unavailableAction', among: ['redirect'] },
  checkPort: { of: 'checkType', among: ['tcp', 'http', 'https'] },
  checkMethod: { of: 'checkType', among: ['http', 'https'] },
  checkUrl: { of: 'checkType', among: ['http', 'https'] },
  checkHost: { of: 'checkType', among: ['http', 'https'] },
  checkCodes: { of: 'checkType', among: ['http', 'https'] },
  checkInterval: { of: 'checkType', among: ['tcp', 'http', 'https'] },
  checkTimeout: { of: 'checkType', among: ['tcp', 'http', 'https'] },
  checkRetries: { of: 'checkType', among: ['tcp', 'http', 'https'] },
};

/**
 * The schema's rules for one service beside all others, quick enough for every key press: only services
 * at the same place and the certificates it names are looked at. Whether loopback is allowed and other
 * facts of the machine are left to the API; the console's port is the one this page came from.
 */
export function rulesFor(
  id: number,
  services: readonly VirtualService[],
  certificates: readonly CertificateView[],
): Rules<VirtualService> {
  const places = Map.groupBy(
    services.filter(vs => vs.id !== id),
    vs => `${canonical(vs.address)} ${vs.port}`,
  );
  const views = new Map(certificates.map(view => [view.id, { ...view, key: view.chain && 'kept', requestKey: '' }]));
  const facts = { managementPort: Number(window.location.port) || 443, loopback: true };
  return candidate =>
    problemsOf(
      {
        ...emptyConfig(),
        // The candidate comes last, so that a place taken twice is its fault.
        virtualServices: [...(places.get(`${canonical(candidate.address)} ${candidate.port}`) ?? []), candidate],
        certificates: candidate.certificates.flatMap((of): Certificate[] => [views.get(of) ?? []].flat()),
      },
      facts,
    )
      .filter(problem => problem.kind === 'virtualService' && problem.id === candidate.id)
      .map(problem => problem.fault);
}
