import { type Certificate, certificate } from './certificate.ts';
import { type RealServer, realServer } from './real-server.ts';
import { type VirtualService, virtualService } from './virtual-service.ts';

/** The whole configuration of an appliance. Lists are in the order people gave them. */
export interface Config {
  virtualServices: VirtualService[];
  realServers: RealServer[];
  certificates: Certificate[];
}

/** Every kind of object: its list in the tree and its schema. A new kind is a new line here. */
export const kinds = {
  virtualService: { list: 'virtualServices', schema: virtualService, label: 'Virtual Service' },
  realServer: { list: 'realServers', schema: realServer, label: 'Real Server' },
  certificate: { list: 'certificates', schema: certificate, label: 'Certificate' },
} as const;

export type Kind = keyof typeof kinds;

export interface ObjectOf {
  virtualService: VirtualService;
  realServer: RealServer;
  certificate: Certificate;
}

/** One change of the tree. An edit list is committed as one revision or not at all. */
export type Edit =
  | { op: 'create'; kind: Kind; value: ObjectOf[Kind] }
  | { op: 'replace'; kind: Kind; id: number; value: ObjectOf[Kind] }
  | { op: 'delete'; kind: Kind; id: number };

export const emptyConfig = (): Config => ({ virtualServices: [], realServers: [], certificates: [] });

/** What the pure rooms must know of the machine. Gathered once at start by each process's main.ts. */
export interface Facts {
  /** Port of the console and API: no service may take it. */
  managementPort: number;
  /** Loopback addresses may be used for services and servers: demo and tests only (security.md 2.14). */
  loopback: boolean;
}
