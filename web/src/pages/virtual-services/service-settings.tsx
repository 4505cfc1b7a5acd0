import { useMemo } from 'react';
import type { CertificateView, Changed } from '../../../../server/schema/endpoints.ts';
import { metaOf } from '../../../../server/schema/fields.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { call, Problem } from '../../api/call.ts';
import { tellProblem } from '../../api/mutate.tsx';
import { useHead, useRefreshConfig } from '../../api/queries.ts';
import { SchemaForm } from '../../form/schema-form.tsx';
import { entriesOf, useForm } from '../../form/use-form.ts';
import { useLeaveGuard } from '../../form/use-leave-guard.tsx';
import { SaveBar } from '../../parts/save-bar.tsx';
import { useMay, useSession } from '../../shell/session.tsx';
import { NewCertificate } from '../certificates/new-certificate.tsx';
import { certificateChoices } from './certificate-choices.ts';
import { rulesFor, serviceNeeds } from './service-rules.ts';
import type { Bars } from './use-open-bars.ts';

interface Props {
  vs: VirtualService;
  services: readonly VirtualService[];
  certificates: readonly CertificateView[];
  bars: Bars;
}

/** The properties of a service, and the bar that saves them. */
export function ServiceSettings({ vs, services, certificates, bars }: Props) {
  const administrator = useMay('administrator');
  const { role } = useSession();
  const head = useHead();
  const rules = useMemo(() => rulesFor(vs.id, services, certificates), [vs.id, services, certificates]);
  const form = useForm('virtualService', vs, rules);
  const refresh = useRefreshConfig();
  const choices = useMemo(() => ({ certificates: certificateChoices(certificates) }), [certificates]);
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
        needs={serviceNeeds}
        choices={choices}
        more={{
          certificates: administrator && (
            <NewCertificate
              suggested={vs.name || vs.address}
              onMade={id => form.set({ certificates: [...form.value.certificates, id] })}
            />
          ),
        }}
        // The switch at the top of the page is this property.
        without={['enabled']}
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
