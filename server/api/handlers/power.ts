import type { PowerRequest } from '../../schema/power.ts';
import type { Call } from '../call.ts';
import { supportBundle } from '../support/bundle.ts';

const WORDS: Record<PowerRequest['act'], string> = {
  reboot: 'reboots the machine',
  shutdown: 'shuts down the machine',
  restart: 'restarts the management',
  reset: 'resets everything',
};

/** Who did it stands in the log of events, before it is begun: afterwards nobody may be there to write it. */
export async function power({ services, principal, reply, body }: Call): Promise<object> {
  const request = body as PowerRequest;
  await services.dataPlane
    .tell({ severity: 'warning', text: `${principal.user} ${WORDS[request.act]}` })
    .catch(() => {});
  await services.dataPlane.power(request);
  // Whoever keeps this process running starts it again.
  if (request.act === 'restart') reply.raw.once('close', () => process.kill(process.pid, 'SIGTERM'));
  return {};
}

export async function renewConsoleCertificate({ services, principal }: Call): Promise<{ fingerprint: string }> {
  const fingerprint = await services.renewConsoleCertificate();
  await services.dataPlane.tell({
    severity: 'info',
    text: `${principal.user} renewed the certificate of this console`,
  });
  return { fingerprint };
}

export async function getSupportBundle({ services, principal, reply }: Call) {
  const bytes = await supportBundle(services);
  await services.dataPlane
    .tell({ severity: 'info', text: `${principal.user} fetched a support bundle` })
    .catch(() => {});
  const day = new Date().toISOString().slice(0, 10);
  reply.header('content-disposition', `attachment; filename="ballast-support-${day}.tar.gz"`);
  reply.type('application/gzip');
  return reply.send(bytes);
}
