import { roles } from '../../schema/account.ts';
import { Fault } from '../../schema/faults.ts';
import { endpoint } from '../../schema/rules.ts';
import type { ToolRequest, ToolRun } from '../../schema/tools.ts';
import type { Call } from '../call.ts';

export async function runTool({ services, principal, body }: Call): Promise<ToolRun> {
  const request = body as ToolRequest;
  // Packets may hold what nobody else may see.
  if (request.tool === 'capture' && roles.indexOf(principal.role) < roles.indexOf('administrator'))
    throw new Fault('NOT_ALLOWED', { role: 'administrator', have: principal.role });
  const run = await services.dataPlane.runTool(request);
  await tell(services, `${principal.user} ${wordsOf(request)}`);
  return run;
}

const tell = ({ dataPlane }: Call['services'], text: string) => dataPlane.tell({ severity: 'info', text });

/** Who did what is kept in the log of events. */
function wordsOf(request: ToolRequest): string {
  switch (request.tool) {
    case 'ping':
      return `pings ${request.host}`;
    case 'traceroute':
      return `traces the route to ${request.host}`;
    case 'lookup':
      return `looks up ${request.type} of ${request.host}`;
    case 'connect':
      return `connects to ${endpoint(request.host, request.port)}`;
    case 'capture':
      return `captures packets on ${request.link}`;
  }
}

export const getToolRun = async ({ services, id }: Call) => known(await services.dataPlane.toolRun(id), id);

export const stopTool = async ({ services, id }: Call) => known(await services.dataPlane.stopTool(id), id);

export async function getCapture({ services, principal, reply, id }: Call) {
  const bytes = await services.dataPlane.capture(id);
  if (bytes.length === 0) throw new Fault('NOT_FOUND', { what: 'Capture', id });
  await tell(services, `${principal.user} fetched the packets of capture ${id}`);
  reply.header('content-disposition', `attachment; filename="ballast-${id}.pcap"`);
  reply.type('application/vnd.tcpdump.pcap');
  return reply.send(bytes);
}

export const listConnections = ({ services, query }: Call) =>
  services.dataPlane.connections(query as { virtualService?: number; search?: string });

export async function dropConnection({ services, principal, body }: Call) {
  const { key } = body as { key: string };
  const result = await services.dataPlane.dropConnection(key);
  if (result.dropped) await tell(services, `${principal.user} dropped the connection ${key}`);
  return result;
}

export const listNeighbours = ({ services }: Call) => services.dataPlane.neighbours();

function known({ run }: { run?: ToolRun }, id: number): ToolRun {
  if (!run) throw new Fault('NOT_FOUND', { what: 'Run', id });
  return run;
}
