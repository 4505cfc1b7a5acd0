import { useEffect, useMemo } from 'react';
import { Link, useLocation } from 'react-router';
import type { Config } from '../../../../server/schema/config.ts';
import type { Changed } from '../../../../server/schema/endpoints.ts';
import type { Settings } from '../../../../server/schema/settings.ts';
import { attempting } from '../../api/attempt.ts';
import { call, Problem } from '../../api/call.ts';
import { tellProblem } from '../../api/mutate.tsx';
import { useHead, useRefreshConfig } from '../../api/queries.ts';
import type { Choice } from '../../form/controls.tsx';
import { Field } from '../../form/field.tsx';
import { type Rules, useForm } from '../../form/use-form.ts';
import { useLeaveGuard } from '../../form/use-leave-guard.tsx';
import { arrive } from '../../form/use-open-bars.ts';
import { Panel } from '../../parts/panel.tsx';
import { SaveBar } from '../../parts/save-bar.tsx';
import { useMay } from '../../shell/session.tsx';
import { choicesOf, optionalChoicesOf, settingsRules } from './rules.ts';
import '../../form/form.css';
import './network.css';

interface Props {
  title: string;
  names: readonly (keyof Settings)[];
  config: Config;
  /** What somebody should know of the settings as they would be. */
  warn?: (candidate: Settings) => string | undefined;
  /** Rules of these properties, where they are not the network's. */
  rules?: Rules<Settings>;
  /** What references may name, by property; interfaces where it does not say. */
  choices?: Readonly<Record<string, readonly Choice[]>>;
}

/** Some of the appliance's settings, in the order given. */
export function SettingsPanel({ title, names, config, warn, rules: own, choices = {} }: Props) {
  const may = useMay('administrator');
  const settings = config.settings[0] as Settings;
  const head = useHead();
  const refresh = useRefreshConfig();
  const rules = useMemo(() => {
    const all = own ?? settingsRules(config);
    // What is on another page is that page's to say.
    return (candidate: Settings) => all(candidate).filter(fault => names.some(name => fault.at === `/${name}`));
  }, [config, names, own]);
  const form = useForm('settings', settings, rules);
  const warning = form.changed.length > 0 ? warn?.(form.value) : undefined;
  const guard = useLeaveGuard(form.changed.length);
  const args = useMemo(() => ({ body: form.patch, ...(head !== undefined && { ifMatch: head }) }), [form.patch, head]);

  const { hash, key } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same link followed again leads there again
  useEffect(() => arrive(hash.slice(1)), [hash, key]);

  const save = async (): Promise<Changed | undefined> => {
    try {
      const seconds = form.value.confirmTime;
      const changed = await attempting({ seconds, addresses: [] }, () => call('patchSettings', args));
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
      <Panel title={title}>
        <div className="network-fields">
          {names.map(name => (
            <Field
              key={name}
              form={form}
              name={name}
              readOnly={!may}
              more={
                name === 'managementInterfaces' &&
                config.interfaces.length === 0 && (
                  <p className="quiet">
                    None is configured. Begin at{' '}
                    <Link to="/network/interfaces" className="in-text">
                      Interfaces
                    </Link>
                    .
                  </p>
                )
              }
              choices={
                choices[name] ??
                (name === 'gateway6Interface' ? optionalChoicesOf(config.interfaces) : choicesOf(config.interfaces))
              }
            />
          ))}
        </div>
      </Panel>
      {warning && (
        <p className="network-note" data-tone="warn" role="alert">
          {warning}
        </p>
      )}
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
