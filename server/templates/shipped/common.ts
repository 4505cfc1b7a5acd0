import type { TemplateServers } from '../../schema/template-file.ts';
import { given, type Stated } from '../builder.ts';

/** Statements that many templates share, with their reasons. */
export const address: Stated = { address: [given('address'), 'The address you gave.'] };

export const certificate: Stated = {
  tls: [true, 'TLS ends here, so that requests can be read.'],
  certificates: [given('certificate'), 'The certificate you chose, shown to clients.'],
};

/** All servers of the input `servers`, at this port or at the service's own. */
export const servers = (reason: string, port?: number | string): TemplateServers => ({
  from: 'servers',
  ...(port !== undefined && { port }),
  reason,
});

export const samePort = servers('Servers listen on the port clients use.');

/** Windows logs a connection in, not a request: whoever shared it would be somebody else. */
export const ownConnections: Stated = {
  connectionReuse: ['never', 'NTLM logs in a connection, not a request: no other client may get it.'],
};

export const spread: Stated = {
  scheduling: ['round-robin', 'Servers of one kind take turns; least connection does as well.'],
};
