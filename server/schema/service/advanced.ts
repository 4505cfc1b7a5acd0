import { choice } from '../fields.ts';

/** What is read and changed in HTTP on its way. */
export const advancedFields = {
  forwardedHeader: choice({
    label: 'Add HTTP Headers',
    help: 'How the Real Server learns the address of the client. The same header sent by a client is removed first.',
    group: 'advanced',
    compat: 'AddVia',
    default: 'x-forwarded-for',
    options: [
      { value: 'x-forwarded-for', label: 'X-Forwarded-For', compat: '5' },
      { value: 'x-clientside', label: 'X-ClientSide', compat: '4' },
      { value: 'none', label: 'None', compat: '2' },
    ],
  }),
};
