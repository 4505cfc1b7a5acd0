import { type ReactNode, useMemo } from 'react';
import { type Config, emptyConfig } from '../../../../server/schema/config.ts';
import type { Problem } from '../../../../server/schema/rules.ts';
import type { Settings } from '../../../../server/schema/settings.ts';
import { useAuthorities, useSettings } from '../../api/queries.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useMay, useSession } from '../../shell/session.tsx';
import { SettingsPanel } from '../network/settings-panel.tsx';

interface Props {
  title: string;
  sentence: string;
  names: readonly (keyof Settings)[];
  /** The property that names an authority, and the secret, which is not here: empty stands for “as it is”. */
  trust: keyof Settings;
  secret?: keyof Settings;
  problems: (config: Config) => Problem[];
  /** How it is doing now, above the form. */
  now: (settings: Settings) => ReactNode;
}

/** Where events are told: how that is doing, and the form. */
export function AlertPage({ title, sentence, ...rest }: Props) {
  const settings = useSettings();
  const may = useMay('administrator');
  const { role } = useSession();
  return (
    <>
      <PageHeader title={title} sentence={sentence} />
      {!may && (
        <p className="quiet role-note">
          Your role “{role}” may look at this, not change it. Log in as an administrator to change it.
        </p>
      )}
      <Loaded query={settings} what="The settings could not be loaded" still="They hold all the same.">
        {stored => <Panels title={title} settings={stored} {...rest} />}
      </Loaded>
    </>
  );
}

function Panels({
  title,
  settings,
  names,
  trust,
  secret,
  problems,
  now,
}: Omit<Props, 'sentence'> & { settings: Settings }) {
  const authorities = useAuthorities().data ?? [];
  const config = useMemo(
    () => ({ ...emptyConfig(), settings: [{ ...settings, ...(secret && { [secret]: '' }) }] }),
    [settings, secret],
  );
  const rules = useMemo(
    () => (candidate: Settings) => problems({ ...emptyConfig(), settings: [candidate] }).map(({ fault }) => fault),
    [problems],
  );
  return (
    <>
      {now(settings)}
      <SettingsPanel
        title={title}
        names={names}
        config={config}
        rules={rules}
        choices={{ [trust]: [{ id: 0, label: 'none' }, ...authorities.map(({ id, name }) => ({ id, label: name }))] }}
      />
    </>
  );
}
