import type { sslFields } from '../../schema/service/ssl.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { tlsBind, tlsToServers } from '../haproxy/tls.ts';
import { rewriteLocation, securityHeaders, tlsHeaders } from '../haproxy/tls-headers.ts';
import { elsewhere, http, type LinesOf, type World } from '../lines.ts';

/** One entry per property of schema/service/ssl.ts, in the order in which the lines are written. */
export const sslLines = {
  tls: (vs, { config }) => ({ bind: tlsBind(vs, config) }),
  certificates: elsewhere,
  tlsMinimum: elsewhere,
  tlsMaximum: elsewhere,
  cipherSet: elsewhere,
  customCipherSet: elsewhere,
  sniRequired: elsewhere,
  http2: elsewhere,
  ocspStapling: elsewhere,
  clientCertificates: elsewhere,
  clientAuthority: elsewhere,
  clientHeaders: (vs, world) => http(vs, { backend: tlsHeaders(frontOf(vs, world)) }),
  passCipher: elsewhere,
  securityHeaders: vs => http(vs, { frontend: securityHeaders(vs) }),
  rewriteLocation: vs => http(vs, { backend: rewriteLocation(vs) }),
  reencrypt: (vs, world) => ({ server: tlsToServers(vs, frontOf(vs, world), world.config) }),
  reverse: elsewhere,
  serverTlsMinimum: elsewhere,
  serverName: elsewhere,
  passServerName: elsewhere,
  serverAuthority: elsewhere,
  serverCertificate: elsewhere,
  serverHttp2: elsewhere,
} satisfies { [K in keyof typeof sslFields]: LinesOf };

/** The service that clients meet. */
const frontOf = (vs: VirtualService, { config }: World): VirtualService =>
  config.virtualServices.find(other => other.id === vs.parent) ?? vs;
