import { useMemo } from 'react';
import { backupSettings } from '../../../../server/schema/backup-schedule.ts';
import { emptyConfig } from '../../../../server/schema/config.ts';
import type { Changed } from '../../../../server/schema/endpoints.ts';
import { mailSettings } from '../../../../server/schema/mail.ts';
import { networkSettings } from '../../../../server/schema/network/settings.ts';
import { problemsOf } from '../../../../server/schema/rules.ts';
import type { Settings } from '../../../../server/schema/settings.ts';
import { syslogSettings } from '../../../../server/schema/syslog.ts';
import { call, Problem } from '../../api/call.ts';
import { tellProblem } from '../../api/mutate.tsx';
import { useHead, useRefreshConfig, useSettings } from '../../api/queries.ts';
import { SchemaForm } from '../../form/schema-form.tsx';
import { type Rules, useForm } from '../../form/use-form.ts';
import { useLeaveGuard } from '../../form/use-leave-guard.tsx';
import { useOpenBars } from '../../form/use-open-bars.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { SaveBar } from '../../parts/save-bar.tsx';
import { ErrorPanel, Skeletons } from '../../parts/states.tsx';
import { useMay, useSession } from '../../shell/session.tsx';

const TITLE = 'L7 Configuration';

/** What holds for the whole appliance. */
export function SettingsPage() {
  const settings = useSettings();
  if (settings.data) return <Loaded settings={settings.data} />;
  return (
    <>
      <PageHeader title={TITLE} />
      {settings.error ? (
        <ErrorPanel
          what="The settings could not be loaded"
          error={settings.error}
          still="They hold all the same."
          retry={() => void settings.refetch()}
        />
      ) : (
        <Skeletons rows={8} />
      )}
    </>
  );
}

/** The network, backups and alerts have pages of their own. */
const elsewhere = [
  ...Object.keys(networkSettings),
  ...Object.keys(backupSettings),
  ...Object.keys(syslogSettings),
  ...Object.keys(mailSettings),
];

/** Loopback and other facts of the machine are left to the API. */
const rules: Rules<Settings> = candidate =>
  problemsOf({ ...emptyConfig(), settings: [candidate] }, { managementPort: 0, loopback: true })
    .filter(({ kind, fault }) => kind === 'settings' && !elsewhere.includes(fault.at?.slice(1) ?? ''))
    .map(problem => problem.fault);

function Loaded({ settings }: { settings: Settings }) {
  const administrator = useMay('administrator');
  const { role } = useSession();
  const head = useHead();
  const refresh = useRefreshConfig();
  const form = useForm('settings', settings, rules);
  const guard = useLeaveGuard(form.changed.length);
  const bars = useOpenBars('settings', ['l7']);
  const args = useMemo(() => ({ body: form.patch, ...(head !== undefined && { ifMatch: head }) }), [form.patch, head]);

  const save = async (): Promise<Changed | undefined> => {
    try {
      const changed = await call('patchSettings', args);
      await refresh();
      form.discard();
      return changed;
    } catch (error) {
      if (!(error instanceof Problem && form.place(error))) tellProblem(error);
      return undefined;
    }
  };

  return (
    <>
      <PageHeader title={TITLE} sentence="What holds for every service that does not say otherwise itself." />
      {!administrator && (
        <p className="quiet role-note">
          Your role “{role}” may look at settings, not change them. Log in as an administrator to change them.
        </p>
      )}
      <SchemaForm form={form} without={elsewhere} readOnly={!administrator} open={bars.open} onToggle={bars.toggle} />
      <SaveBar
        count={form.changed.length}
        version={form.version}
        preview={() => call('patchSettings', { ...args, dryRun: true })}
        save={save}
        discard={form.discard}
        invalid={form.invalid}
      />
      {guard}
    </>
  );
}
