import type { Config } from '../schema/config.ts';
import type { RealServer } from '../schema/real-server.ts';
import type { Settings } from '../schema/settings.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { Place, Section } from './proxy.ts';

/** What a property's lines may depend on beside its own service. */
export interface World {
  config: Config;
  settings: Settings;
  place: Place;
  /** Real Servers of the service, by number. */
  servers: readonly RealServer[];
  /** SubVSs of the service that are enabled, by number. */
  subs: readonly VirtualService[];
}

/** What one property gives to its service's sections, in the order in which the parts are written. */
export interface Lines {
  /** Where the frontend listens: an address word for each bind line. */
  listen?: string[];
  /** Words of every bind line. */
  bind?: string[];
  /** What the frontend is like: options and time-outs. */
  frontend?: string[];
  /** Rules of the frontend before anything else is looked at: who may come, and how often. */
  guard?: string[];
  /** Rules of the frontend that refuse what two parsers could read differently. Behind an `allow` of theirs nothing runs. */
  safety?: string[];
  /** `use_backend` lines before all others: nobody may be routed. */
  first?: string[];
  /** Which backend: `use_backend` lines. */
  route?: string[];
  /** What the backend is like, and its rules. */
  backend?: string[];
  /** Lines of the backend that must stand behind all of its rules: `use-server`. */
  last?: string[];
  /** Words of every server line. */
  server?: string[];
  /** Further sections, such as a backend of its own for a content rule. */
  sections?: Section[];
}

export type LinesOf = (vs: VirtualService, world: World) => Lines;

/** Said by another property's entry, or not the engine's business. */
export const elsewhere: LinesOf = () => ({});

/** Lines that only a service which reads HTTP has. */
export const http = (vs: VirtualService, lines: Lines): Lines => (vs.type === 'http' ? lines : {});
