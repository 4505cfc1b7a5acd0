import type { Certificate } from '../../../../server/schema/certificate.ts';
import { emptyConfig } from '../../../../server/schema/config.ts';
import type { ContentRule } from '../../../../server/schema/content-rule.ts';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { canonical, problemsOf } from '../../../../server/schema/rules.ts';
import type { Settings } from '../../../../server/schema/settings.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import type { Needs } from '../../form/blocks.ts';
import type { Rules } from '../../form/use-form.ts';
import { checkNeeds } from './check-needs.ts';
import { networkNeeds } from './network-needs.ts';
import { persistenceNeeds } from './persistence-needs.ts';
import { namedByTls, tlsNeeds } from './tls-needs.ts';

/** What has no effect without something else. What is forbidden is not here: rules.ts knows that. */
export const serviceNeeds: Needs = {
  contentSwitching: { of: 'type', among: ['http'] },
  preRules: { of: 'type', among: ['http'] },
  rulePrecedence: { of: 'contentSwitching', among: [true] },
  requestRules: { of: 'type', among: ['http'] },
  responseRules: { of: 'type', among: ['http'] },
  ...persistenceNeeds,
  ...tlsNeeds,
  forwardedHeader: { of: 'type', among: ['http'] },
  unavailableAction: { of: 'type', among: ['http'] },
  unavailableCode: { of: 'unavailableAction', among: ['error'] },
  unavailableMessage: { of: 'unavailableAction', among: ['error'] },
  redirectCode: { of: 'unavailableAction', among: ['redirect'] },
  redirectUrl: { of: 'unavailableAction', among: ['redirect'] },
  ...checkNeeds,
  ...networkNeeds,
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
  settings?: Settings,
  contentRules: ContentRule[] = [],
): Rules<VirtualService> {
  const places = Map.groupBy(
    services.filter(vs => vs.id !== id),
    vs => `${canonical(vs.address)} ${vs.port}`,
  );
  const views = new Map(
    certificates.map(view => [
      view.id,
      { ...view, key: view.chain && 'kept', requestKey: '', acmeAccount: 0, acmeNames: [], renewDays: 30 },
    ]),
  );
  const facts = { managementPort: Number(window.location.port) || 443, loopback: true };
  return candidate =>
    problemsOf(
      {
        ...emptyConfig(),
        contentRules,
        ...(settings && { settings: [settings] }),
        // The candidate comes last, so that a place taken twice is its fault.
        virtualServices: [
          ...new Set([
            ...(places.get(`${canonical(candidate.address)} ${candidate.port}`) ?? []),
            ...services.filter(vs => vs.id === candidate.followService && vs.id !== id),
          ]),
          candidate,
        ],
        ...namedByTls(candidate),
        certificates: [...candidate.certificates, candidate.serverCertificate].flatMap((of): Certificate[] =>
          [views.get(of) ?? []].flat(),
        ),
      },
      facts,
    )
      .filter(problem => problem.kind === 'virtualService' && problem.id === candidate.id)
      .map(problem => problem.fault);
}
