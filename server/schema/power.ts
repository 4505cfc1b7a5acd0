import Type, { type Static } from 'typebox';

const acts = ['reboot', 'shutdown', 'restart', 'reset'] as const;

export const powerRequest = Type.Object(
  {
    act: Type.Unsafe<(typeof acts)[number]>({
      enum: [...acts],
      description:
        'restart: the management side, and a fresh process of HAProxy; traffic goes on. reset: as it was first started, everything is lost.',
    }),
  },
  { additionalProperties: false, title: 'Power' },
);
export type PowerRequest = Static<typeof powerRequest>;

/** Calls about the machine itself. */
export const powerCalls = {
  power: {
    method: 'POST',
    path: '/api/power',
    role: 'administrator',
    tag: 'Settings',
    summary:
      'Reboot or shut down the machine, restart the management side, or reset everything to how it was first started.',
    body: powerRequest,
    reply: Type.Unsafe<object>({ type: 'object', additionalProperties: true, description: 'Begun' }),
  },
  renewConsoleCertificate: {
    method: 'POST',
    path: '/api/console-certificate/renew',
    role: 'administrator',
    tag: 'Settings',
    summary: 'Give this console a new certificate of its own, for the names and addresses the machine has now.',
    reply: Type.Unsafe<{ fingerprint: string }>({
      ...Type.Object({ fingerprint: Type.String({ description: 'SHA-256, bytes with colons' }) }),
    }),
  },
  getSupportBundle: {
    method: 'GET',
    path: '/api/support-bundle',
    role: 'administrator',
    tag: 'Settings',
    summary: 'Everything somebody who helps wants to see, without secrets: a tar.gz file.',
    reply: Type.Unsafe<Blob>({ type: 'string', description: 'tar.gz' }),
  },
} as const;
