import type { VirtualService } from '../../../../server/schema/virtual-service.ts';

/** What is spoken on the client's side: "HTTPS", "HTTP", "TLS", "TCP". */
export function spoken(vs: Pick<VirtualService, 'type' | 'tls'> & { protocol?: VirtualService['protocol'] }): string {
  if (vs.protocol === 'udp') return 'UDP';
  if (vs.type === 'http') return vs.tls ? 'HTTPS' : 'HTTP';
  return vs.tls ? 'TLS' : 'TCP';
}

/** What is spoken to the servers. */
export const spokenBehind = (vs: Pick<VirtualService, 'protocol' | 'type' | 'reencrypt' | 'reverse'>): string =>
  spoken({ protocol: vs.protocol, type: vs.type, tls: vs.reencrypt || vs.reverse });
