import Type, { type Static } from 'typebox';

export const powerRequest = Type.Object(
  { act: Type.Unsafe<'reboot' | 'shutdown'>({ enum: ['reboot', 'shutdown'] }) },
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
    summary: 'Reboot or shut down the machine. Open connections end; what is stored stays.',
    body: powerRequest,
    reply: Type.Unsafe<object>({ type: 'object', additionalProperties: true, description: 'Begun' }),
  },
} as const;
