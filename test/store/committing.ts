import { openStore } from '../../server/store/db.ts';
import { Revisions } from '../../server/store/revisions.ts';
import { server, service } from './support.ts';

/**
 * Program for kill.test.ts: opens the store named in its arguments and commits without end. Every revision n adds
 * service n with two servers and renames the service before it. Prints a line when it is ready and after each commit.
 */
const db = openStore(process.argv[2] as string);
const revisions = new Revisions(db);
process.stdout.write('ready\n');
for (let n = revisions.head + 1; ; n++) {
  revisions.commit(
    n - 1,
    [
      { op: 'create', kind: 'virtualService', value: service(n) },
      { op: 'create', kind: 'realServer', value: server(2 * n - 1, n) },
      { op: 'create', kind: 'realServer', value: server(2 * n, n, { port: 8081 }) },
      ...(n > 1
        ? [
            {
              op: 'replace' as const,
              kind: 'virtualService' as const,
              id: n - 1,
              value: service(n - 1, { name: 'old' }),
            },
          ]
        : []),
    ],
    'ann',
    [`step ${n}`],
    Date.now(),
  );
  process.stdout.write(`${n}\n`);
}
