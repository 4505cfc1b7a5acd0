import Type, { type Static, type TObject, type TSchema } from 'typebox';
import {
  apiKey,
  openSession,
  password,
  permissionList,
  type Role,
  roleSchema,
  session,
  user,
  userName,
} from './account.ts';
import { acmeCalls } from './acme-calls.ts';
import { backupCalls } from './backup.ts';
import { type CheckResult, checkedBy, type TriedResult } from './check.ts';
import type { Kind } from './config.ts';
import { configurationFile } from './configuration.ts';
import { crudOf } from './crud.ts';
import { createOf, patchOf, viewOf } from './derive.ts';
import { UNSEEN } from './fields.ts';
import { loadMasterCalls } from './loadmaster-calls.ts';
import { mailCalls } from './mail.ts';
import { networkCalls } from './network/calls.ts';
import { forgottenEntry, persistenceQuery, persistenceTable } from './persistence-table.ts';
import { powerCalls } from './power.ts';
import type { RealServer } from './real-server.ts';
import { type PathReport, pathQuestion } from './return-path.ts';
import { type RuleTest, testedRequest } from './rule-test.ts';
import type { Settings } from './settings.ts';
import { statisticsCalls } from './statistics-calls.ts';
import type { History, Occurrence, Outcome, Status } from './status.ts';
import { syslogCalls } from './syslog.ts';
import { templateCalls } from './template-calls.ts';
import { toolCalls } from './tools.ts';
import { updateCalls } from './update.ts';
import type { VirtualService } from './virtual-service.ts';

/**
 * The table of native calls: the API registers them, OpenAPI prints them, the console's call() is typed by
 * them. `role` is the least role that may call; 'anyone' needs no session, 'session' any session, even one
 * that must change its password first. A body is strict: an unknown field is refused, nothing is coerced.
 */
export interface Endpoint {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  role: Role | 'session' | 'anyone';
  tag: Tag;
  summary: string;
  body?: TSchema;
  query?: TSchema;
  reply: TSchema;
  /** Takes `If-Match: "revision"` and `?dryRun=true`, replies Changed or, when dry, Preview. */
  writes?: boolean;
  /** Largest body in bytes; 64 KiB unless told. */
  limit?: number;
  /** The body is bytes, application/octet-stream. */
  raw?: boolean;
}

export type Tag =
  | 'Session'
  | 'Virtual Services'
  | 'Real Servers'
  | 'Content Rules'
  | 'Templates'
  | 'Certificates'
  | 'Network'
  | 'Settings'
  | 'History'
  | 'Status'
  | 'Users';

const closed = { additionalProperties: false } as const;
const opaque = <T>(description: string) => Type.Unsafe<T>({ type: 'object', additionalProperties: true, description });
/** The properties of a service that a check is made of, with their limits and without defaults. */
const candidateOfCheck = (() => {
  const { minProperties: _, properties, ...rest } = patchOf('virtualService') as TObject & { minProperties: number };
  return { ...rest, properties: Object.fromEntries(checkedBy.map(name => [name, properties[name]])) } as TObject;
})();
const listOf = <T>(kind: Kind) => Type.Unsafe<T[]>({ type: 'array', items: viewOf(kind) });

/** What the API adds to a stored certificate; the PEM itself is there, the key never. */
export const certificateView = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    chain: Type.String(),
    request: Type.String(),
    subject: Type.String({ description: 'Common name, or the first name it is for. Empty for a bare request.' }),
    names: Type.Array(Type.String(), { description: 'Every host name and address it is for.' }),
    issuer: Type.String(),
    selfSigned: Type.Boolean(),
    notBefore: Type.Union([Type.Integer(), Type.Null()]),
    notAfter: Type.Union([Type.Integer(), Type.Null()]),
    keyType: Type.String({ description: 'Such as “RSA 2048” or “EC P-256”.' }),
    fingerprint: Type.String({ description: 'SHA-256, hexadecimal pairs.' }),
    chainProblem: Type.String({ description: 'A sentence about what clients will miss; empty when nothing.' }),
    issuerFrom: Type.String({
      description: 'Name of another certificate that brings the missing intermediate along; empty when none does.',
    }),
    usedBy: Type.Array(Type.Integer(), { description: 'Virtual Services that use it.' }),
  },
  { ...closed, title: 'Certificate' },
);
export type CertificateView = Static<typeof certificateView>;

/** What the certificates and lists of an authority say; the PEM itself is in listAuthorities. Times are ms UTC. */
export interface AuthorityFacts {
  id: number;
  certificates: { subject: string; issuer: string; root: boolean; notAfter: number; fingerprint: string }[];
  lists: { issuer: string; nextUpdate: number | null; revoked: number }[];
  /** Virtual Services that name it. */
  usedBy: number[];
}

export type NewRealServer = Pick<RealServer, 'address' | 'port'> & Partial<Omit<RealServer, 'id' | 'virtualService'>>;
export type NewVirtualService = Pick<VirtualService, 'address' | 'port'> &
  Partial<Omit<VirtualService, 'id'>> & { realServers?: NewRealServer[] };

/** A SubVS has its parent's address and port. */
export type NewSubService = Partial<Omit<VirtualService, 'id' | 'address' | 'port' | 'parent'>> & {
  realServers?: NewRealServer[];
};

/** Reply to every write: the revision it made, what putting it into effect came to, and the object. */
export interface Changed<T = unknown> {
  revision: number;
  outcome: Outcome | { state: 'pending'; revision: number };
  object?: T;
}
const changed = <T>(kind: string) => opaque<Changed<T>>(`Changed, with the ${kind}`);

export interface RevisionSummary {
  revision: number;
  time: number;
  who: string;
  /** What was done, in words: "Changed Virtual Service “web”: port 80 → 8080". */
  words: string[];
  outcome: 'applied' | 'refused' | 'unknown';
}

export interface RevisionDetail extends RevisionSummary {
  changes: {
    kind: Kind;
    id: number;
    title: string;
    /** Without secrets; absent where the object did not exist. */
    before?: Record<string, unknown>;
    after?: Record<string, unknown>;
  }[];
}

export interface HealthView {
  state: 'ok' | 'degraded';
  head: number;
  store: 'ok' | 'damaged';
  dataPlane: 'ok' | 'away';
}

/** Query of every call that writes. */
export const writeQuery = Type.Object(
  {
    dryRun: Type.Optional(
      Type.Boolean({ description: 'Say what would happen and change nothing: the reply is a Preview.' }),
    ),
  },
  closed,
);
const name = Type.String({
  title: 'Certificate Identifier',
  minLength: 1,
  maxLength: 64,
  pattern: `^[^${UNSEEN}]+$`,
});
const pem = (title: string, max: number) => Type.String({ title, minLength: 1, maxLength: max });
const subject = {
  commonName: Type.String({
    title: 'Common Name',
    minLength: 1,
    maxLength: 64,
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
  }),
  names: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 253, pattern: '^[^\\u0000-\\u0020\\u007f]+$' }), {
      title: 'Alternative Names',
      description: 'Further host names and addresses it is for.',
      maxItems: 100,
    }),
  ),
  keyType: Type.Optional(
    Type.Unsafe<'ec-p256' | 'rsa-2048' | 'rsa-4096'>({ title: 'Key', enum: ['ec-p256', 'rsa-2048', 'rsa-4096'] }),
  ),
};
const numbers = Type.Array(Type.Integer({ minimum: 1 }), { maxItems: 4096, uniqueItems: true });
const optionalText = (title: string, max: number) =>
  Type.Optional(Type.String({ title, maxLength: max, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }));
const material = {
  pem: Type.Optional(pem('PEM', 131_072)),
  key: Type.Optional(pem('Private Key (PEM)', 16_384)),
  pfx: Type.Optional(Type.String({ title: 'PFX (base64)', maxLength: 262_144, pattern: '^[A-Za-z0-9+/]+={0,2}$' })),
  passphrase: Type.Optional(
    Type.String({ title: 'Pass Phrase', maxLength: 256, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
  ),
};

export const endpoints = {
  getHealth: {
    method: 'GET',
    path: '/api/health',
    role: 'anyone',
    tag: 'Status',
    summary: 'Is the management side well? For monitors.',
    reply: opaque<HealthView>('Health'),
  },
  login: {
    method: 'POST',
    path: '/api/session',
    role: 'anyone',
    tag: 'Session',
    summary: 'Log in; sets the session cookie.',
    body: Type.Object({ user: Type.String({ minLength: 1, maxLength: 64 }), password }, closed),
    reply: session,
  },
  getSession: {
    method: 'GET',
    path: '/api/session',
    role: 'session',
    tag: 'Session',
    summary: 'Who am I?',
    reply: session,
  },
  logout: {
    method: 'DELETE',
    path: '/api/session',
    role: 'session',
    tag: 'Session',
    summary: 'Log out.',
    reply: opaque<object>('Empty'),
  },
  listSessions: {
    method: 'GET',
    path: '/api/sessions',
    role: 'session',
    tag: 'Session',
    summary: 'Where I am logged in; administrators see everybody.',
    reply: Type.Array(openSession),
  },
  endSession: {
    method: 'DELETE',
    path: '/api/sessions/:id',
    role: 'session',
    tag: 'Session',
    summary: 'End a session of mine; administrators end any.',
    reply: opaque<object>('Empty'),
  },
  endOtherSessions: {
    method: 'POST',
    path: '/api/sessions/end-others',
    role: 'session',
    tag: 'Session',
    summary: 'End all my sessions but this one.',
    reply: Type.Object({ ended: Type.Integer() }, closed),
  },
  changePassword: {
    method: 'POST',
    path: '/api/session/password',
    role: 'session',
    tag: 'Session',
    summary: 'Set my own password; ends all my other sessions.',
    body: Type.Object({ old: password, new: password }, closed),
    reply: session,
  },

  listVirtualServices: {
    method: 'GET',
    path: '/api/virtual-services',
    role: 'read-only',
    tag: 'Virtual Services',
    summary: 'All Virtual Services.',
    reply: listOf<VirtualService>('virtualService'),
  },
  createVirtualService: {
    method: 'POST',
    path: '/api/virtual-services',
    role: 'administrator',
    tag: 'Virtual Services',
    writes: true,
    summary: 'Add a Virtual Service, with its Real Servers if wanted.',
    body: Type.Unsafe<NewVirtualService>(
      createOf('virtualService', [], {
        realServers: Type.Array(createOf('realServer', ['virtualService']), { maxItems: 1024, title: 'Real Servers' }),
      }),
    ),
    reply: changed<VirtualService>('Virtual Service'),
    limit: 1_048_576,
  },
  getVirtualService: {
    method: 'GET',
    path: '/api/virtual-services/:id',
    role: 'read-only',
    tag: 'Virtual Services',
    summary: 'One Virtual Service.',
    reply: Type.Unsafe<VirtualService>(viewOf('virtualService')),
  },
  patchVirtualService: {
    method: 'PATCH',
    path: '/api/virtual-services/:id',
    role: 'administrator',
    tag: 'Virtual Services',
    writes: true,
    summary: 'Change properties; what is not named stays.',
    body: Type.Unsafe<Partial<Omit<VirtualService, 'id'>>>(patchOf('virtualService')),
    reply: changed<VirtualService>('Virtual Service'),
  },
  enableVirtualService: {
    method: 'POST',
    path: '/api/virtual-services/:id/enabled',
    role: 'operator',
    tag: 'Virtual Services',
    writes: true,
    summary: 'Activate or deactivate a Virtual Service.',
    body: Type.Object({ enabled: Type.Boolean() }, closed),
    reply: changed<VirtualService>('Virtual Service'),
  },
  deleteVirtualService: {
    method: 'DELETE',
    path: '/api/virtual-services/:id',
    role: 'administrator',
    tag: 'Virtual Services',
    writes: true,
    summary: 'Delete a Virtual Service with its SubVSs and Real Servers.',
    reply: changed('deleted service'),
  },
  redirectToHttps: {
    method: 'POST',
    path: '/api/virtual-services/:id/redirect',
    role: 'administrator',
    tag: 'Virtual Services',
    writes: true,
    summary: 'Add the service on port 80 of the same address that sends clients here, to https.',
    reply: changed<VirtualService>('Virtual Service'),
  },
  duplicateVirtualService: {
    method: 'POST',
    path: '/api/virtual-services/:id/duplicate',
    role: 'administrator',
    tag: 'Virtual Services',
    writes: true,
    summary:
      'Copy a Virtual Service with its SubVSs and Real Servers to another address or port; a SubVS beside itself.',
    body: Type.Object(
      {
        address: Type.String({ maxLength: 45 }),
        port: Type.Integer({ minimum: 1, maximum: 65535 }),
        name: Type.Optional(Type.String({ maxLength: 64, pattern: `^[^${UNSEEN}]*$` })),
      },
      closed,
    ),
    reply: changed<VirtualService>('Virtual Service'),
  },

  createSubService: {
    method: 'POST',
    path: '/api/virtual-services/:id/sub-services',
    role: 'administrator',
    tag: 'Virtual Services',
    writes: true,
    summary: 'Add a SubVS to a Virtual Service, with its Real Servers if wanted.',
    body: Type.Unsafe<NewSubService>(
      createOf('virtualService', ['address', 'port', 'parent'], {
        realServers: Type.Array(createOf('realServer', ['virtualService']), { maxItems: 1024, title: 'Real Servers' }),
      }),
    ),
    reply: changed<VirtualService>('SubVS'),
    limit: 1_048_576,
  },
  testRules: {
    method: 'POST',
    path: '/api/virtual-services/:id/test',
    role: 'read-only',
    tag: 'Content Rules',
    summary: 'Say what the rules of a Virtual Service would do with a request, and why. Sends nothing.',
    body: testedRequest,
    reply: opaque<RuleTest>('What the rules do'),
  },
  checkPath: {
    method: 'POST',
    path: '/api/paths/check',
    role: 'operator',
    tag: 'Virtual Services',
    summary:
      'Ask the network: is each server reachable, would its answers come back, is the address free? Changes nothing.',
    body: pathQuestion,
    reply: opaque<PathReport>('PathReport'),
  },

  listRealServers: {
    method: 'GET',
    path: '/api/real-servers',
    role: 'read-only',
    tag: 'Real Servers',
    summary: 'All Real Servers, or those of one service.',
    query: Type.Object({ virtualService: Type.Optional(Type.Integer({ minimum: 1 })) }, closed),
    reply: listOf<RealServer>('realServer'),
  },
  createRealServer: {
    method: 'POST',
    path: '/api/virtual-services/:id/real-servers',
    role: 'administrator',
    tag: 'Real Servers',
    writes: true,
    summary: 'Add a Real Server to a Virtual Service.',
    body: Type.Unsafe<NewRealServer>(createOf('realServer', ['virtualService'])),
    reply: changed<RealServer>('Real Server'),
  },
  getRealServer: {
    method: 'GET',
    path: '/api/real-servers/:id',
    role: 'read-only',
    tag: 'Real Servers',
    summary: 'One Real Server.',
    reply: Type.Unsafe<RealServer>(viewOf('realServer')),
  },
  patchRealServer: {
    method: 'PATCH',
    path: '/api/real-servers/:id',
    role: 'administrator',
    tag: 'Real Servers',
    writes: true,
    summary: 'Change properties; what is not named stays.',
    body: Type.Unsafe<Partial<Omit<RealServer, 'id' | 'virtualService'>>>(patchOf('realServer', ['virtualService'])),
    reply: changed<RealServer>('Real Server'),
  },
  deleteRealServer: {
    method: 'DELETE',
    path: '/api/real-servers/:id',
    role: 'administrator',
    tag: 'Real Servers',
    writes: true,
    summary: 'Delete a Real Server.',
    reply: changed('deleted server'),
  },
  listPersistence: {
    method: 'GET',
    path: '/api/virtual-services/:id/persistence',
    role: 'read-only',
    tag: 'Virtual Services',
    summary: 'The live persistence table of a service: which client goes to which server.',
    query: persistenceQuery,
    reply: persistenceTable,
  },
  forgetPersistence: {
    method: 'POST',
    path: '/api/virtual-services/:id/persistence/forget',
    role: 'operator',
    tag: 'Virtual Services',
    summary: 'Forget one persistence entry of a service, or all of them; open connections stay.',
    body: forgottenEntry,
    reply: Type.Object({ found: Type.Boolean() }, closed),
  },
  getServerChecks: {
    method: 'GET',
    path: '/api/real-servers/:id/checks',
    role: 'read-only',
    tag: 'Real Servers',
    summary: 'The last 50 results of a server’s health check, newest first, since the data plane started.',
    reply: Type.Unsafe<CheckResult[]>({ type: 'array', items: { type: 'object', additionalProperties: true } }),
  },
  tryChecks: {
    method: 'POST',
    path: '/api/checks/try',
    role: 'administrator',
    tag: 'Virtual Services',
    summary:
      'Run a health check once against some servers, with properties that need not be stored; nothing is changed.',
    body: Type.Object(
      {
        service: Type.Unsafe<Partial<VirtualService>>(candidateOfCheck),
        servers: Type.Array(
          Type.Object(
            {
              address: Type.String({ maxLength: 45, title: 'Address' }),
              port: Type.Integer({ minimum: 1, maximum: 65535, title: 'Port' }),
            },
            closed,
          ),
          { minItems: 1, maxItems: 256, title: 'Servers' },
        ),
      },
      closed,
    ),
    reply: Type.Unsafe<TriedResult[]>({ type: 'array', items: { type: 'object', additionalProperties: true } }),
  },
  setServerState: {
    method: 'POST',
    path: '/api/real-servers/state',
    role: 'operator',
    tag: 'Real Servers',
    writes: true,
    summary: 'Enable, drain or disable Real Servers, by number or everywhere by address.',
    limit: 262_144,
    body: Type.Object(
      {
        ids: Type.Optional(
          Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 20_000, uniqueItems: true }),
        ),
        address: Type.Optional(Type.String({ maxLength: 45 })),
        state: Type.Unsafe<RealServer['state']>({ enum: ['enabled', 'drain', 'disabled'] }),
      },
      closed,
    ),
    reply: changed<RealServer[]>('Real Servers'),
  },

  listCertificates: {
    method: 'GET',
    path: '/api/certificates',
    role: 'read-only',
    tag: 'Certificates',
    summary: 'All certificates, without keys.',
    reply: Type.Array(certificateView),
  },
  getCertificate: {
    method: 'GET',
    path: '/api/certificates/:id',
    role: 'read-only',
    tag: 'Certificates',
    summary: 'One certificate, without its key.',
    reply: certificateView,
  },
  importCertificate: {
    method: 'POST',
    path: '/api/certificates/import',
    role: 'administrator',
    tag: 'Certificates',
    writes: true,
    limit: 524_288,
    summary: 'Import a certificate with its key from PEM or PFX.',
    body: Type.Object({ name, ...material }, closed),
    reply: changed<CertificateView>('certificate'),
  },
  makeSelfSigned: {
    method: 'POST',
    path: '/api/certificates/self-signed',
    role: 'administrator',
    tag: 'Certificates',
    writes: true,
    summary: 'Make a self-signed certificate.',
    body: Type.Object(
      { name, ...subject, days: Type.Optional(Type.Integer({ title: 'Valid for days', minimum: 1, maximum: 3650 })) },
      closed,
    ),
    reply: changed<CertificateView>('certificate'),
  },
  makeRequest: {
    method: 'POST',
    path: '/api/certificates/request',
    role: 'administrator',
    tag: 'Certificates',
    writes: true,
    summary: 'Make a key and a signing request (CSR); the answer is installed later.',
    body: Type.Object(
      {
        name,
        ...subject,
        country: Type.Optional(Type.String({ title: 'Country', pattern: '^[A-Z]{2}$', description: 'Two letters.' })),
        state: optionalText('State or Province', 64),
        city: optionalText('City', 64),
        company: optionalText('Company', 64),
        organization: optionalText('Organization', 64),
        email: Type.Optional(Type.String({ title: 'Email', maxLength: 128, pattern: '^(?:[!-?A-~]+@[!-?A-~]+)?$' })),
      },
      closed,
    ),
    reply: changed<CertificateView>('certificate'),
  },
  installAnswer: {
    method: 'POST',
    path: '/api/certificates/:id/answer',
    role: 'administrator',
    tag: 'Certificates',
    writes: true,
    limit: 524_288,
    summary: 'Install the issuer’s answer to a signing request.',
    body: Type.Object({ pem: pem('PEM', 131_072) }, closed),
    reply: changed<CertificateView>('certificate'),
  },
  replaceCertificate: {
    method: 'POST',
    path: '/api/certificates/:id/replace',
    role: 'administrator',
    tag: 'Certificates',
    writes: true,
    limit: 524_288,
    summary: 'Put a new certificate in the place of this one, in every service that uses it, without dropping traffic.',
    body: Type.Object(material, closed),
    reply: changed<CertificateView>('certificate'),
  },
  renameCertificate: {
    method: 'PATCH',
    path: '/api/certificates/:id',
    role: 'administrator',
    tag: 'Certificates',
    writes: true,
    summary: 'Rename a certificate.',
    body: Type.Object({ name }, closed),
    reply: changed<CertificateView>('certificate'),
  },
  deleteCertificate: {
    method: 'DELETE',
    path: '/api/certificates/:id',
    role: 'administrator',
    tag: 'Certificates',
    writes: true,
    summary: 'Delete a certificate that no service uses.',
    reply: changed('deleted certificate'),
  },
  inspectCertificate: {
    method: 'POST',
    path: '/api/certificates/inspect',
    role: 'administrator',
    tag: 'Certificates',
    limit: 524_288,
    summary: 'Read PEM or PFX and say what is in it; stores nothing.',
    body: Type.Object(material, closed),
    reply: certificateView,
  },

  assignCertificate: {
    method: 'POST',
    path: '/api/certificates/:id/services',
    role: 'administrator',
    tag: 'Certificates',
    writes: true,
    summary: 'Have services show this certificate, or no longer, all as one revision.',
    body: Type.Object({ add: Type.Optional(numbers), remove: Type.Optional(numbers) }, { ...closed, minProperties: 1 }),
    reply: changed<CertificateView>('certificate'),
  },
  completeCertificate: {
    method: 'POST',
    path: '/api/certificates/:id/complete',
    role: 'administrator',
    tag: 'Certificates',
    writes: true,
    summary: 'Take the missing intermediates from another certificate that brings them along.',
    reply: changed<CertificateView>('certificate'),
  },
  listAuthorityFacts: {
    method: 'GET',
    path: '/api/authority-facts',
    role: 'read-only',
    tag: 'Certificates',
    summary: 'What the certificates and revocation lists of all authorities say.',
    reply: Type.Unsafe<AuthorityFacts[]>({ type: 'array', items: { type: 'object', additionalProperties: true } }),
  },
  ...crudOf('authority', 2_097_152),
  ...crudOf('cipherSet'),
  ...crudOf('acmeAccount'),
  ...acmeCalls,
  ...crudOf('contentRule'),
  ...templateCalls,

  ...crudOf('interface'),
  ...crudOf('route'),
  ...crudOf('wafFile', 1_048_576),
  ...networkCalls,

  getSettings: {
    method: 'GET',
    path: '/api/settings',
    role: 'read-only',
    tag: 'Settings',
    summary: 'What holds for the whole appliance.',
    reply: Type.Unsafe<Settings>(viewOf('settings')),
  },
  patchSettings: {
    method: 'PATCH',
    path: '/api/settings',
    role: 'administrator',
    tag: 'Settings',
    writes: true,
    summary: 'Change settings; what is not named stays.',
    body: Type.Unsafe<Partial<Omit<Settings, 'id'>>>(patchOf('settings')),
    reply: changed<Settings>('settings'),
  },

  exportConfiguration: {
    method: 'GET',
    path: '/api/configuration',
    role: 'administrator',
    tag: 'Settings',
    summary: 'The whole configuration as one file, without private keys and other secrets: those are in a backup.',
    reply: configurationFile,
  },
  importConfiguration: {
    method: 'POST',
    path: '/api/configuration',
    role: 'administrator',
    tag: 'Settings',
    writes: true,
    limit: 67_108_864,
    summary: 'Replace the whole configuration by that of a file, as one revision; secrets it does not hold stay.',
    query: Type.Object(
      {
        ...writeQuery.properties,
        keepNetwork: Type.Optional(
          Type.Boolean({ description: 'This machine keeps its own interfaces, routes, names and management access.' }),
        ),
      },
      closed,
    ),
    body: configurationFile,
    reply: changed('configuration'),
  },

  ...backupCalls,

  listRevisions: {
    method: 'GET',
    path: '/api/revisions',
    role: 'read-only',
    tag: 'History',
    summary: 'Revisions, newest first.',
    query: Type.Object(
      {
        before: Type.Optional(Type.Integer({ minimum: 1 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      },
      closed,
    ),
    reply: Type.Unsafe<RevisionSummary[]>({ type: 'array', items: { type: 'object', additionalProperties: true } }),
  },
  getRevision: {
    method: 'GET',
    path: '/api/revisions/:id',
    role: 'read-only',
    tag: 'History',
    summary: 'What one revision changed.',
    reply: opaque<RevisionDetail>('Revision'),
  },
  restoreRevision: {
    method: 'POST',
    path: '/api/revisions/:id/restore',
    role: 'administrator',
    tag: 'History',
    writes: true,
    summary: 'Return to the configuration as it was after this revision, as a new revision.',
    reply: changed('configuration'),
  },

  getStatus: {
    method: 'GET',
    path: '/api/status',
    role: 'read-only',
    tag: 'Status',
    summary: 'How everything is doing, now.',
    reply: opaque<Status>('Status'),
  },
  getMetrics: {
    method: 'GET',
    path: '/metrics',
    role: 'read-only',
    tag: 'Status',
    summary: 'State and counters for Prometheus, as text.',
    reply: Type.Unsafe<string>({ type: 'string', description: 'Prometheus text format 0.0.4' }),
  },
  getHistory: {
    method: 'GET',
    path: '/api/history',
    role: 'read-only',
    tag: 'Status',
    summary: 'Samples for graphs, since the data plane started.',
    query: Type.Object(
      {
        of: Type.String({
          pattern: '^(?:system|service:[1-9][0-9]{0,9}|server:[1-9][0-9]{0,9})$',
          description: 'system, service:ID or server:ID',
        }),
        seconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 86_400 })),
      },
      closed,
    ),
    reply: opaque<History>('History'),
  },
  ...statisticsCalls,
  ...toolCalls,
  ...loadMasterCalls,
  ...powerCalls,
  ...syslogCalls,
  ...mailCalls,
  ...updateCalls,
  listOccurrences: {
    method: 'GET',
    path: '/api/occurrences',
    role: 'read-only',
    tag: 'Status',
    summary: 'What happened lately, newest first.',
    reply: Type.Unsafe<Occurrence[]>({ type: 'array', items: { type: 'object', additionalProperties: true } }),
  },
  streamEvents: {
    method: 'GET',
    path: '/api/events',
    role: 'read-only',
    tag: 'Status',
    summary: 'Server-sent events: status, occurrence, outcome, config.',
    reply: opaque<object>('text/event-stream'),
  },

  listUsers: {
    method: 'GET',
    path: '/api/users',
    role: 'administrator',
    tag: 'Users',
    summary: 'All users.',
    reply: Type.Array(user),
  },
  createUser: {
    method: 'POST',
    path: '/api/users',
    role: 'administrator',
    tag: 'Users',
    summary: 'Add a user, who must set an own password at first log-in.',
    body: Type.Object({ name: userName, role: roleSchema, password }, closed),
    reply: user,
  },
  patchUser: {
    method: 'PATCH',
    path: '/api/users/:name',
    role: 'administrator',
    tag: 'Users',
    summary: 'Change role or permissions, switch off, or reset the password. Ends the user’s sessions.',
    body: Type.Object(
      {
        role: Type.Optional(roleSchema),
        enabled: Type.Optional(Type.Boolean()),
        password: Type.Optional(password),
        permissions: Type.Optional(permissionList),
      },
      { ...closed, minProperties: 1 },
    ),
    reply: user,
  },
  deleteUser: {
    method: 'DELETE',
    path: '/api/users/:name',
    role: 'administrator',
    tag: 'Users',
    summary: 'Delete a user with sessions and keys.',
    reply: opaque<object>('Empty'),
  },
  listKeys: {
    method: 'GET',
    path: '/api/keys',
    role: 'administrator',
    tag: 'Users',
    summary: 'All API keys, without the keys themselves.',
    reply: Type.Array(apiKey),
  },
  createKey: {
    method: 'POST',
    path: '/api/keys',
    role: 'administrator',
    tag: 'Users',
    summary: 'Make an API key for a user. The key is shown this once.',
    body: Type.Object(
      {
        name: Type.String({ minLength: 1, maxLength: 64, pattern: `^[^${UNSEEN}]+$` }),
        user: userName,
        role: roleSchema,
        expires: Type.Optional(
          Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
            title: 'Ends',
            description: 'Milliseconds since 1970; null or left out: never.',
          }),
        ),
      },
      closed,
    ),
    reply: Type.Object(
      { key: Type.String({ description: 'Send as “Authorization: Bearer …”.' }), entry: apiKey },
      closed,
    ),
  },
  deleteKey: {
    method: 'DELETE',
    path: '/api/keys/:id',
    role: 'administrator',
    tag: 'Users',
    summary: 'Delete an API key.',
    reply: opaque<object>('Empty'),
  },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof endpoints;

export type ReplyOf<E extends EndpointName> = Static<(typeof endpoints)[E]['reply']>;

export type BodyOf<E extends EndpointName> = (typeof endpoints)[E] extends { body: infer B extends TSchema }
  ? Static<B>
  : undefined;
