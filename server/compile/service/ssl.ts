import type { sslFields } from '../../schema/service/ssl.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { tlsBind } from '../haproxy/tls.ts';
import { elsewhere, type LinesOf } from '../lines.ts';
import { word } from '../word.ts';

/** One entry per property of schema/service/ssl.ts, in the order in which the lines are written. */
export const sslLines = {
  tls: vs => ({ bind: tlsBind(vs) }),
  certificates: elsewhere,
  tlsMinimum: elsewhere,
  reencrypt: vs => (vs.reencrypt ? { server: reencrypted(vs) } : {}),
} satisfies { [K in keyof typeof sslFields]: LinesOf };

/** SNI towards the server: the host the client asked for, without its port. */
function reencrypted(vs: VirtualService): string[] {
  const sni = vs.type === 'http' ? 'req.hdr(host),host_only' : 'ssl_fc_sni';
  return ['ssl', 'verify', 'none', 'sni', word(sni)];
}
