import { roles } from '../../schema/account.ts';
import { Fault } from '../../schema/faults.ts';
import type { ToolRequest, ToolRun } from '../../schema/tools.ts';
import type { Call } from '../call.ts';

export async function runTool({ services, principal, body }: Call): Promise<ToolRun> {
  const request = body as ToolRequest;
  // Packets may hold what nobody else may see.
  if (request.tool === 'capture' && roles.indexOf(principal.role) < roles.indexOf('administrator'))
    throw new Fault('NOT_ALLOWED', { role: 'administrator', have: principal.role });
  const run = await services.dataPlane.runTool(request);
  if (request.tool === 'capture')
    await services.dataPlane.tell({ severity: 'info', text: `${principal.user} captures packets on ${request.link}` });
  return run;
}

export const getToolRun = async ({ services, id }: Call) => known(await services.dataPlane.toolRun(id), id);

export const stopTool = async ({ services, id }: Call) => known(await services.dataPlane.stopTool(id), id);

export async function getCapture({ services, reply, id }: Call) {
  const bytes = await services.dataPlane.capture(id);
  if (bytes.length === 0) throw new Fault('NOT_FOUND', { what: 'Capture', id });
  reply.header('content-disposition', `attachment; filename="ballast-${id}.pcap"`);
  reply.type('application/vnd.tcpdump.pcap');
  return reply.send(bytes);
}

export const listConnections = ({ services, query }: Call) =>
  services.dataPlane.connections(query as { virtualService?: number; search?: string });

export async function dropConnection({ services, principal, body }: Call) {
  const { key } = body as { key: string };
  const result = await services.dataPlane.dropConnection(key);
  if (result.dropped)
    await services.dataPlane.tell({ severity: 'info', text: `${principal.user} dropped a connection` });
  return result;
}

export const listNeighbours = ({ services }: Call) => services.dataPlane.neighbours();

function known({ run }: { run?: ToolRun }, id: number): ToolRun {
  if (!run) throw new Fault('NOT_FOUND', { what: 'Run', id });
  return run;
}
