import { Button, Checkbox, Group, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { Link } from 'react-router';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { endpoint, titleOf } from '../../../../server/schema/rules.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import { call } from '../../api/call.ts';
import { tellProblem } from '../../api/mutate.tsx';
import { useRefreshConfig } from '../../api/queries.ts';
import { useLeaveGuard } from '../../form/use-leave-guard.tsx';
import { plural } from '../../parts/format.ts';
import { Panel } from '../../parts/panel.tsx';
import { useMay } from '../../shell/session.tsx';
import { spoken } from '../virtual-services/layer.ts';

interface Props {
  certificate: CertificateView;
  services: readonly VirtualService[];
}

const MANY = 12;

/** Which services show this certificate: tick, untick, save. */
export function AssignPanel({ certificate: c, services }: Props) {
  const may = useMay('administrator');
  const refresh = useRefreshConfig();
  const [ticks, setTicks] = useState<ReadonlyMap<number, boolean>>(new Map());
  const [filter, setFilter] = useState('');
  const [busy, setBusy] = useState(false);

  const has = (vs: VirtualService) => vs.certificates.includes(c.id);
  const changed = services.filter(vs => ticks.has(vs.id) && ticks.get(vs.id) !== has(vs));
  const guard = useLeaveGuard(changed.length);
  const wanted = filter.trim().toLowerCase();
  // Services that speak TLS first: those are the ones that can show it.
  const shown = services
    .filter(vs => !wanted || `${titleOf(vs)} ${endpoint(vs.address, vs.port)}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => Number(b.tls) - Number(a.tls));

  const save = async () => {
    setBusy(true);
    try {
      const ids = (on: boolean) => changed.filter(vs => has(vs) !== on).map(vs => vs.id);
      await call('assignCertificate', { params: { id: c.id }, body: { add: ids(true), remove: ids(false) } });
      notifications.show({ message: `${c.name}: assignment saved`, autoClose: 8_000 });
      setTicks(new Map());
    } catch (error) {
      tellProblem(error);
    }
    await refresh();
    setBusy(false);
  };

  return (
    <Panel
      title="Virtual Services"
      aside={
        <span className="quiet">
          {c.usedBy.length === 0
            ? 'none uses it'
            : `${plural(c.usedBy.length, 'service')} use it`.replace('service use', 'service uses')}
        </span>
      }
    >
      {services.length === 0 && <p className="none">There is no Virtual Service yet.</p>}
      {services.length > MANY && (
        <TextInput
          type="search"
          m="xs"
          aria-label="Filter services"
          placeholder="Filter…"
          value={filter}
          onChange={event => setFilter(event.currentTarget.value)}
        />
      )}
      <ul className="assign">
        {shown.map(vs => (
          <Line
            key={vs.id}
            vs={vs}
            has={has(vs)}
            ticked={ticks.get(vs.id) ?? has(vs)}
            blocked={whyNot(vs, c, may)}
            onTick={on => setTicks(old => new Map(old).set(vs.id, on))}
            id={c.id}
          />
        ))}
      </ul>
      {changed.length > 0 && (
        <Group gap="xs" p="xs" justify="flex-end" className="assign-save">
          <span className="quiet">{plural(changed.length, 'service')} changed</span>
          <Button variant="default" onClick={() => setTicks(new Map())} disabled={busy}>
            Discard
          </Button>
          <Button onClick={save} loading={busy}>
            Save Changes
          </Button>
        </Group>
      )}
      {guard}
    </Panel>
  );
}

interface LineProps {
  vs: VirtualService;
  id: number;
  has: boolean;
  ticked: boolean;
  blocked: string | undefined;
  onTick: (on: boolean) => void;
}

function Line({ vs, id, has, ticked, blocked, onTick }: LineProps) {
  const place = vs.certificates.indexOf(id);
  const note =
    blocked ??
    (vs.tls
      ? has && place === 0
        ? 'shown by default'
        : has
          ? 'chosen by host name'
          : ''
      : 'SSL Acceleration is off there');
  return (
    <li>
      <Checkbox
        size="xs"
        checked={ticked}
        disabled={blocked !== undefined}
        aria-label={titleOf(vs)}
        onChange={event => onTick(event.currentTarget.checked)}
      />
      <Link to={`/virtual-services/${vs.id}#certificates`}>{titleOf(vs)}</Link>
      <span className="quiet figure">
        {spoken(vs)} {endpoint(vs.address, vs.port)}
      </span>
      <span className="quiet assign-note">{note}</span>
    </li>
  );
}

/** Why the tick cannot be changed. */
function whyNot(vs: VirtualService, c: CertificateView, may: boolean): string | undefined {
  if (!may) return 'your role may only look';
  const has = vs.certificates.includes(c.id);
  if (!c.chain && !has) return 'waits for its answer';
  if (has && vs.tls && vs.certificates.length === 1) return 'its only certificate: add another there first';
  return undefined;
}
