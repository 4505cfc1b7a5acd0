import Type from 'typebox';
import { patchOf } from '../derive.ts';
import type { Changed, Tag } from '../endpoints.ts';
import type { Settings } from '../settings.ts';
import type { NetworkInterface } from './interface.ts';
import type { NetworkView } from './state.ts';

const closed = { additionalProperties: false } as const;
const opaque = <T>(description: string) => Type.Unsafe<T>({ type: 'object', additionalProperties: true, description });
const common = { tag: 'Network' satisfies Tag } as const;

/** Interfaces by their numbers and settings of the appliance that change together. */
export interface NetworkChange {
  interfaces?: Record<string, Partial<Omit<NetworkInterface, 'id'>>>;
  settings?: Partial<Omit<Settings, 'id'>>;
}

/** Calls of the network beside those of its objects. */
export const networkCalls = {
  getNetworkState: {
    ...common,
    method: 'GET',
    path: '/api/network/state',
    role: 'read-only',
    summary: 'Links, addresses, routes and names of the machine as they are now.',
    reply: opaque<NetworkView>('Network'),
  },
  changeNetwork: {
    ...common,
    method: 'PATCH',
    path: '/api/network',
    role: 'administrator',
    writes: true,
    summary: 'Change interfaces and settings as one revision, such as an address with its gateway.',
    body: Type.Unsafe<NetworkChange>({
      ...Type.Object(
        {
          interfaces: Type.Optional(
            Type.Unsafe({
              type: 'object',
              title: 'Interfaces by number',
              propertyNames: { pattern: '^[1-9][0-9]{0,9}$' },
              additionalProperties: patchOf('interface'),
            }),
          ),
          settings: Type.Optional(patchOf('settings')),
        },
        closed,
      ),
      minProperties: 1,
    }),
    reply: opaque<Changed>('Changed'),
  },
  confirmNetwork: {
    ...common,
    method: 'POST',
    path: '/api/network/confirm',
    role: 'administrator',
    summary: 'Keep the change of the network that waits; must come over a connection opened after it.',
    reply: opaque<{ revision: number }>('The revision that is kept'),
  },
  undoNetwork: {
    ...common,
    method: 'POST',
    path: '/api/network/undo',
    role: 'administrator',
    summary: 'Undo the change of the network that waits, now.',
    reply: opaque<{ revision: number }>('The revision that was undone'),
  },
} as const;
