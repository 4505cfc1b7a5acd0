import { type Config, settingsOf } from '../config.ts';
import type { Settings } from '../settings.ts';
import { networkSettings } from './settings.ts';

/** A configuration with the network of another: what belongs to a machine and not to what it does. */
export function withNetworkOf(machine: Config, config: Config): Config {
  const own = settingsOf(machine) as unknown as Record<string, unknown>;
  const kept = Object.fromEntries(Object.keys(networkSettings).map(name => [name, own[name]]));
  return {
    ...config,
    interfaces: machine.interfaces,
    routes: machine.routes,
    settings: [{ ...settingsOf(config), ...kept } as Settings],
  };
}
