import { type AcmeAccount, acmeAccount } from './acme-account.ts';
import { type Authority, authority } from './authority.ts';
import { type Certificate, certificate } from './certificate.ts';
import { type CipherSet, cipherSet } from './cipher-set.ts';
import { type ContentRule, contentRule } from './content-rule.ts';
import type { KindName } from './fields.ts';
import { type NetworkInterface, networkInterface } from './network/interface.ts';
import { type NetworkRoute, route } from './network/route.ts';
import { type RealServer, realServer } from './real-server.ts';
import { type Settings, settings } from './settings.ts';
import { type Template, template } from './template.ts';
import { type VirtualService, virtualService } from './virtual-service.ts';
import { type WafFile, wafFile } from './waf-file.ts';

/** The whole configuration of an appliance. Lists are in the order people gave them. */
export interface Config {
  virtualServices: VirtualService[];
  realServers: RealServer[];
  certificates: Certificate[];
  acmeAccounts: AcmeAccount[];
  authorities: Authority[];
  cipherSets: CipherSet[];
  contentRules: ContentRule[];
  templates: Template[];
  interfaces: NetworkInterface[];
  routes: NetworkRoute[];
  wafFiles: WafFile[];
  /** Exactly one. */
  settings: Settings[];
}

/** Every kind of object: its list in the tree and its schema. A new kind is a new line here. */
export const kinds = {
  virtualService: { list: 'virtualServices', schema: virtualService, label: 'Virtual Service' },
  realServer: { list: 'realServers', schema: realServer, label: 'Real Server' },
  certificate: { list: 'certificates', schema: certificate, label: 'Certificate' },
  acmeAccount: { list: 'acmeAccounts', schema: acmeAccount, label: 'ACME Account' },
  authority: { list: 'authorities', schema: authority, label: 'Certificate Authority' },
  cipherSet: { list: 'cipherSets', schema: cipherSet, label: 'Cipher Set' },
  contentRule: { list: 'contentRules', schema: contentRule, label: 'Content Rule' },
  template: { list: 'templates', schema: template, label: 'Template' },
  interface: { list: 'interfaces', schema: networkInterface, label: 'Interface' },
  route: { list: 'routes', schema: route, label: 'Route' },
  wafFile: { list: 'wafFiles', schema: wafFile, label: 'WAF File' },
  settings: { list: 'settings', schema: settings, label: 'Settings' },
} as const satisfies Record<KindName, { list: keyof Config; schema: object; label: string }>;

export type Kind = KindName;

export interface ObjectOf {
  virtualService: VirtualService;
  realServer: RealServer;
  certificate: Certificate;
  acmeAccount: AcmeAccount;
  authority: Authority;
  cipherSet: CipherSet;
  contentRule: ContentRule;
  template: Template;
  interface: NetworkInterface;
  route: NetworkRoute;
  wafFile: WafFile;
  settings: Settings;
}

/** One change of the tree. An edit list is committed as one revision or not at all. */
export type Edit =
  | { op: 'create'; kind: Kind; value: ObjectOf[Kind] }
  | { op: 'replace'; kind: Kind; id: number; value: ObjectOf[Kind] }
  | { op: 'delete'; kind: Kind; id: number };

/** An appliance without a service, its settings at their defaults. */
export const emptyConfig = (): Config => ({
  virtualServices: [],
  realServers: [],
  certificates: [],
  acmeAccounts: [],
  authorities: [],
  cipherSets: [],
  contentRules: [],
  templates: [],
  interfaces: [],
  routes: [],
  wafFiles: [],
  settings: [usualSettings()],
});

function usualSettings(): Settings {
  const defaults = Object.entries(settings.properties as Record<string, { default?: unknown }>).map(
    ([name, schema]) => [name, structuredClone(schema.default)],
  );
  return { ...Object.fromEntries(defaults), id: 1 } as Settings;
}

/** The settings of the appliance. */
export const settingsOf = (config: Config): Settings => config.settings[0] ?? usualSettings();

/** What the pure rooms must know of the machine. Gathered once at start by each process's main.ts. */
export interface Facts {
  /** Port of the console and API: no service may take it. */
  managementPort: number;
  /** Loopback addresses may be used for services and servers: demo and tests only (security.md 2.14). */
  loopback: boolean;
  /** The machine is the appliance: its whole network is ours. Else only what was set here is ever touched. */
  appliance?: boolean;
}
