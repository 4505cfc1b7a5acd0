import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

export const persistenceEntry = Type.Object(
  {
    table: Type.String({ description: 'Where it is kept; needed to delete it.' }),
    key: Type.String({
      description: 'An address, a host name or `user:` and a login; of anything else 128 bits of its SHA-256.',
    }),
    realServer: Type.Integer({ description: 'The server it leads to; 0 when that one is gone.' }),
    expires: Type.Integer({ description: 'Seconds until it is forgotten when nobody uses it.' }),
    uses: Type.Integer({ description: 'Connections that keep it now, with Refresh Persist.' }),
  },
  { ...closed, title: 'PersistenceEntry' },
);
export type PersistenceEntry = Static<typeof persistenceEntry>;

/** The live persistence table of a service, entries that were used last first. */
export const persistenceTable = Type.Object(
  {
    owner: Type.Integer({ description: 'The service that keeps the table: another one under Port Following.' }),
    total: Type.Integer({ description: 'Entries there are.' }),
    found: Type.Integer({ description: 'Entries that match.' }),
    entries: Type.Array(persistenceEntry),
  },
  { ...closed, title: 'PersistenceTable' },
);
export type PersistenceTable = Static<typeof persistenceTable>;

export const persistenceQuery = Type.Object(
  {
    search: Type.Optional(
      Type.String({ maxLength: 1024, description: 'Part of a key, or the whole value that a key is the digest of.' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, default: 200 })),
  },
  closed,
);

/** Which entry to forget; without it all are. */
export const forgottenEntry = Type.Object(
  {
    entry: Type.Optional(
      Type.Object(
        {
          table: Type.String({ minLength: 3, maxLength: 64, pattern: '^vs[0-9]+[a-z0-9]*$' }),
          key: Type.String({ minLength: 1, maxLength: 512, pattern: '^[\\x21-\\x7e]+$' }),
        },
        closed,
      ),
    ),
  },
  closed,
);

/** What the API asks the data plane. */
export interface ForgetRequest {
  service: number;
  entry?: { table: string; key: string };
}
