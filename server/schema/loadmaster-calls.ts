import Type, { type Static } from 'typebox';
import { type Permission, permissions, type Role, roles } from './account.ts';

/** A command of the LoadMaster API, as the console lists it. */
export const loadMasterCommand = Type.Object(
  {
    name: Type.String(),
    about: Type.String({ description: 'What it does, a sentence.' }),
    role: Type.Unsafe<Role>({ enum: [...roles], description: 'The least role that may call it.' }),
    permissions: Type.Array(Type.Unsafe<Permission>({ enum: [...permissions] }), {
      description: 'The permissions that open it to users of a lesser role.',
    }),
    parameters: Type.Array(
      Type.Object({ name: Type.String(), needed: Type.Boolean() }, { additionalProperties: false }),
    ),
    upload: Type.Boolean({ description: 'Its body in version 1 is a file; in version 2 that is `data`, in base64.' }),
  },
  { additionalProperties: false },
);

export type LoadMasterCommand = Static<typeof loadMasterCommand>;

export const loadMasterCalls = {
  listLoadMasterCommands: {
    method: 'GET',
    path: '/api/loadmaster-commands',
    role: 'read-only',
    tag: 'Settings',
    summary: 'Every command of the LoadMaster API with its parameters and who may call it.',
    reply: Type.Array(loadMasterCommand),
  },
} as const;
