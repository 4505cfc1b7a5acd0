import Type, { type Static } from 'typebox';
import { id, seconds } from './fields.ts';

/** What holds for the whole appliance. There is exactly one such object, number 1; it is never created or deleted. */
export const settings = Type.Object(
  {
    id: id(),
    idleTimeout: seconds({
      label: 'Connection Timeout',
      help: 'Closes idle connections of services whose own idle timeout is 0.',
      group: 'l7',
      compat: 'conntimeout',
      default: 660,
      min: 1,
      max: 86_400,
    }),
  },
  { additionalProperties: false, title: 'Settings' },
);

export type Settings = Static<typeof settings>;
