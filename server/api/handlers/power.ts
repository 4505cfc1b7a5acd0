import type { PowerRequest } from '../../schema/power.ts';
import type { Call } from '../call.ts';

/** Who did it stands in the log of events, if it is begun. */
export async function power({ services, principal, body }: Call): Promise<object> {
  const request = body as PowerRequest;
  await services.dataPlane.power(request);
  const text = `${principal.user} ${request.act === 'reboot' ? 'reboots' : 'shuts down'} the machine`;
  await services.dataPlane.tell({ severity: 'warning', text }).catch(() => {});
  return {};
}
