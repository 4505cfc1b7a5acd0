import type { Config } from '../../../../server/schema/config.ts';
import type { Fault } from '../../../../server/schema/faults.ts';
import type { NetworkInterface } from '../../../../server/schema/network/interface.ts';
import type { NetworkRoute } from '../../../../server/schema/network/route.ts';
import { boxProblems } from '../../../../server/schema/problems/network-box.ts';
import type { Settings } from '../../../../server/schema/settings.ts';
import type { Choice } from '../../form/controls.tsx';
import type { Rules } from '../../form/use-form.ts';

/** No object has this number: one that is not stored yet. */
export const NEW = 0;

const faultsOf = (config: Config, kind: string, id: number): Fault[] =>
  boxProblems(config)
    .filter(problem => problem.kind === kind && problem.id === id)
    .map(problem => problem.fault);

/** The candidate comes last, so that what is taken twice is its fault. */
const last = <T extends { id: number }>(all: readonly T[], candidate: T): T[] => [
  ...all.filter(one => one.id !== candidate.id),
  candidate,
];

export const interfaceRules =
  (config: Config): Rules<NetworkInterface> =>
  candidate =>
    faultsOf({ ...config, interfaces: last(config.interfaces, candidate) }, 'interface', candidate.id);

export const routeRules =
  (config: Config): Rules<NetworkRoute> =>
  candidate =>
    faultsOf({ ...config, routes: last(config.routes, candidate) }, 'route', candidate.id);

export const settingsRules =
  (config: Config): Rules<Settings> =>
  candidate =>
    faultsOf({ ...config, settings: [candidate] }, 'settings', candidate.id);

/** Interfaces that a property may name. */
export const choicesOf = (interfaces: readonly NetworkInterface[]): Choice[] =>
  interfaces.map(({ id, name, addresses }) => ({ id, label: name, ...(addresses[0] && { note: addresses[0] }) }));

/** As choicesOf(), and none. */
export const optionalChoicesOf = (interfaces: readonly NetworkInterface[]): Choice[] => [
  { id: 0, label: 'none' },
  ...choicesOf(interfaces),
];
