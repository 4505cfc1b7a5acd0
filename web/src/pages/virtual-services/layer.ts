import type { VirtualService } from '../../../../server/schema/virtual-service.ts';

/** What is spoken on the client's side: "HTTPS", "HTTP", "TLS", "TCP". */
export function spoken(vs: Pick<VirtualService, 'type' | 'tls'>): string {
  if (vs.type === 'http') return vs.tls ? 'HTTPS' : 'HTTP';
  return vs.tls ? 'TLS' : 'TCP';
}

/** What is spoken to the servers. */
export const spokenBehind = (vs: Pick<VirtualService, 'type' | 'reencrypt' | 'reverse'>): string =>
  spoken({ type: vs.type, tls: vs.reencrypt || vs.reverse });
