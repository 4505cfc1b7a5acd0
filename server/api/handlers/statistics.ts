import type { Config } from '../../schema/config.ts';
import { endpoint, titleOf } from '../../schema/rules.ts';
import { type Call, readTree } from '../call.ts';
import { historyCsv } from '../history-csv.ts';

const POINTS = 300;

export const getHistorySeries = ({ services, query }: Call) => {
  const { of, seconds, points = POINTS, values = '' } = query as Record<string, string>;
  return services.dataPlane.series({ of: of ?? '', seconds: Number(seconds), points: Number(points), values });
};

export async function getHistoryCsv(call: Call): Promise<string> {
  const series = await getHistorySeries(call);
  const config = readTree(call);
  call.reply.header('content-disposition', 'attachment; filename="statistics.csv"');
  call.reply.type('text/csv; charset=utf-8');
  return historyCsv(series, of => nameOf(of, config));
}

export async function resetStatistics({ services, principal }: Call): Promise<{ reset: true }> {
  await services.dataPlane.resetStatistics();
  await services.dataPlane.tell({ severity: 'info', text: `${principal.user} reset the statistics` });
  return { reset: true };
}

function nameOf(of: string, config: Config): string {
  const [kind, number] = of.split(':');
  const id = Number(number);
  const service = kind === 'service' && config.virtualServices.find(vs => vs.id === id);
  if (service) return titleOf(service);
  const server = kind === 'server' && config.realServers.find(rs => rs.id === id);
  return server ? endpoint(server.address, server.port) : of;
}
