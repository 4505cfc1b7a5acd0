import type { Authority } from '../../../../server/schema/authority.ts';
import type { CipherSet } from '../../../../server/schema/cipher-set.ts';
import type { VirtualService } from '../../../../server/schema/virtual-service.ts';
import type { Needs } from '../../form/blocks.ts';

const tls = { of: 'tls', among: [true] } as const;
const toServers = { of: 'reencrypt', among: [true] } as const;

/** What of TLS has no effect without something else. */
export const tlsNeeds: Needs = {
  certificates: tls,
  tlsMinimum: tls,
  tlsMaximum: tls,
  cipherSet: tls,
  customCipherSet: { of: 'cipherSet', among: ['custom'] },
  sniRequired: tls,
  http2: tls,
  ocspStapling: tls,
  clientCertificates: tls,
  clientAuthority: { of: 'clientCertificates', among: ['optional', 'required'] },
  clientHeaders: { of: 'clientCertificates', among: ['optional', 'required'] },
  passCipher: tls,
  securityHeaders: tls,
  rewriteLocation: { of: 'type', among: ['http'] },
};

/** Without TLS to servers these have no effect; it has two switches, of which the one that fits is named. */
export const serverTlsNeeds = (vs: VirtualService): Needs => {
  if (vs.reencrypt || vs.reverse) return {};
  const need = vs.tls ? toServers : ({ of: 'reverse', among: [true] } as const);
  return {
    serverTlsMinimum: need,
    serverName: need,
    passServerName: need,
    serverAuthority: need,
    serverCertificate: need,
    serverHttp2: need,
  };
};

/** Stand-ins for what a service names, for the rules: that it is there, the lists to choose from saw to. */
export function namedByTls(vs: VirtualService): { authorities: Authority[]; cipherSets: CipherSet[] } {
  const authorities = [vs.clientAuthority, vs.serverAuthority].filter(
    (id, at, all) => id > 0 && all.indexOf(id) === at,
  );
  const cipherSets = vs.customCipherSet > 0 ? [vs.customCipherSet] : [];
  return {
    authorities: authorities.map(id => ({ id, name: String(id), chain: '', revocations: '' })),
    cipherSets: cipherSets.map(id => ({ id, name: String(id), ciphers: '', suites: '' })),
  };
}
