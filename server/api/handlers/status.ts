import type { HealthView } from '../../schema/endpoints.ts';
import { type Call, readTree } from '../call.ts';
import { METRICS_TYPE, metricsText } from '../metrics.ts';

const FIVE_MINUTES = 300;

export const getStatus = ({ services }: Call) => services.dataPlane.status();

export const listOccurrences = ({ services }: Call) => services.dataPlane.occurrences();

export const getHistory = ({ services, query }: Call) =>
  services.dataPlane.history(String(query.of), (query.seconds as number | undefined) ?? FIVE_MINUTES);

/** Open to monitors without a log-in, so it tells nothing but well or not. */
export async function getHealth({ services, reply }: Call): Promise<HealthView> {
  const dataPlane = (await services.dataPlane.answers()) ? 'ok' : 'away';
  const damaged = services.storeProblem() !== undefined;
  const well = dataPlane === 'ok' && !damaged;
  if (!well) reply.code(503);
  return {
    state: well ? 'ok' : 'degraded',
    head: damaged ? 0 : services.revisions().head,
    store: damaged ? 'damaged' : 'ok',
    dataPlane,
  };
}

export async function getMetrics(call: Call): Promise<string> {
  const status = await call.services.dataPlane.status();
  call.reply.type(METRICS_TYPE);
  return metricsText(status, readTree(call));
}
