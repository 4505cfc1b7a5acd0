import type { Needs } from '../../form/blocks.ts';

const source = [
  'source-ip',
  'super-http-or-source-ip',
  'server-cookie-or-source-ip',
  'active-cookie-or-source-ip',
  'cookie-hash-or-source-ip',
  'rdp-login-or-source-ip',
  'rdp-broker-or-source-ip',
] as const;
const tables = [
  ...source,
  'super-http',
  'server-cookie',
  'cookie-hash',
  'url-hash',
  'host-header',
  'query-hash',
  'header',
  'ssl-session',
  'rdp-login',
] as const;
const adaptive = { of: 'scheduling', among: ['adaptive'] } as const;

/** What of scheduling and persistence has no effect without something else. */
export const persistenceNeeds: Needs = {
  adaptiveUrl: adaptive,
  adaptivePort: adaptive,
  adaptiveInterval: adaptive,
  adaptiveMinPercent: adaptive,
  persistenceTimeout: { of: 'persistence', among: [...tables, 'active-cookie'] },
  persistenceCookie: { of: 'persistence', among: ['server-cookie', 'server-cookie-or-source-ip'] },
  persistenceHeader: { of: 'persistence', among: ['header'] },
  persistenceQuery: { of: 'persistence', among: ['query-hash'] },
  persistenceMask4: { of: 'persistence', among: source },
  persistenceMask6: { of: 'persistence', among: source },
  refreshPersistence: { of: 'persistence', among: tables },
  followService: { of: 'persistence', among: tables },
};
