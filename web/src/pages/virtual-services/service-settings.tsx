import { useMemo } from 'react';
import type { CertificateView, Changed } from '../../../../server/schema/endpoints.ts';
import { metaOf } from '../../../../server/schema/fields.ts';
import { titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { call, Problem } from '../../api/call.ts';
import { tellProblem } from '../../api/mutate.tsx';
import { useContentRules, useHead, useRefreshConfig, useSettings } from '../../api/queries.ts';
import { SchemaForm } from '../../form/schema-form.tsx';
import { entriesOf, useForm } from '../../form/use-form.ts';
import { useLeaveGuard } from '../../form/use-leave-guard.tsx';
import type { Bars } from '../../form/use-open-bars.ts';
import { SaveBar } from '../../parts/save-bar.tsx';
import { useMay, useSession } from '../../shell/session.tsx';
import { NewCertificate } from '../certificates/new-certificate.tsx';
import { serviceRuleChoices } from '../content-rules/rule-words.ts';
import { CheckTools } from './check-tools.tsx';
import { PathCheck } from './path-check.tsx';
import { RedirectOffer } from './redirect-offer.tsx';
import { rulesFor, serviceNeeds } from './service-rules.ts';
import { serverTlsNeeds } from './tls-needs.ts';
import { useTlsChoices } from './use-tls-choices.ts';

/** What says something of a SubVS only, and what of a service of its own only. */
const OF_SUBS = ['subCritical', 'rules', 'defaultRule', 'subWeight', 'subLimit', 'subRateLimit'];
const OF_PARENTS = ['address', 'port', 'type', 'tls', 'certificates', 'contentSwitching', 'preRules', 'rulePrecedence'];

interface Props {
  vs: VirtualService;
  services: readonly VirtualService[];
  certificates: readonly CertificateView[];
  bars: Bars;
}

/** The properties of a service, and the bar that saves them. */
export function ServiceSettings({ vs, services, certificates, bars }: Props) {
  const administrator = useMay('administrator');
  const may = useMay('operator') && vs.parent === 0;
  const { role } = useSession();
  const head = useHead();
  const settings = useSettings().data;
  const contentRules = useContentRules();
  const rules = useMemo(
    () => rulesFor(vs.id, services, certificates, settings, contentRules.data),
    [vs.id, services, certificates, settings, contentRules.data],
  );
  const form = useForm('virtualService', vs, rules);
  const refresh = useRefreshConfig();
  const tlsChoices = useTlsChoices(certificates);
  const choices = useMemo(
    () => ({
      ...tlsChoices,
      ...serviceRuleChoices(contentRules.data ?? []),
      followService: [
        { id: 0, label: 'None' },
        ...services.filter(each => each.id !== vs.id).map(each => ({ id: each.id, label: titleOf(each) })),
      ],
    }),
    [tlsChoices, contentRules.data, services, vs.id],
  );
  const guard = useLeaveGuard(form.changed.length);

  const args = () => ({ params: { id: vs.id }, body: form.patch, ...(head !== undefined && { ifMatch: head }) });
  const save = async (): Promise<Changed | undefined> => {
    try {
      const changed = await call('patchVirtualService', args());
      await refresh();
      form.discard();
      return changed;
    } catch (error) {
      const at = error instanceof Problem && form.place(error) ? error.at?.split('/')[1] : undefined;
      if (at) bars.show(at);
      else tellProblem(error);
      return undefined;
    }
  };
  const firstWrong = Object.keys(entriesOf('virtualService')).find(name => form.faultOf(name));

  return (
    <>
      {!administrator && (
        <p className="quiet role-note">
          Your role “{role}” may look at settings, not change them. Log in as an administrator to change them.
        </p>
      )}
      <SchemaForm
        form={form}
        needs={{ ...serviceNeeds, ...serverTlsNeeds(form.value) }}
        choices={choices}
        more={{
          certificates: administrator && (
            <NewCertificate
              suggested={vs.name || vs.address}
              onMade={id => form.set({ certificates: [...form.value.certificates, id] })}
            />
          ),
        }}
        above={{
          standard: may && <PathCheck form={form} />,
          ssl: <RedirectOffer vs={vs} services={services} />,
          health: administrator && <CheckTools form={form} services={services} />,
        }}
        // The switch at the top of the page is the first property.
        without={['enabled', ...(vs.parent === 0 ? OF_SUBS : OF_PARENTS)]}
        readOnly={!administrator}
        open={bars.open}
        onToggle={bars.toggle}
      />
      <SaveBar
        count={form.changed.length}
        version={form.version}
        preview={() => call('patchVirtualService', { ...args(), dryRun: true })}
        save={save}
        discard={form.discard}
        invalid={form.invalid && firstWrong ? withLabel(firstWrong, form.invalid) : undefined}
      />
      {guard}
    </>
  );
}

/** A fault beside the bar is far from its field: it begins with the field's label unless it does already. */
function withLabel(name: string, fault: string): string {
  const { label } = metaOf(entriesOf('virtualService')[name] ?? {});
  return fault.startsWith(label) ? fault : `${label}: ${fault}`;
}
