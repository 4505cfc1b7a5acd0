import { editsBetween, view } from '../../schema/derive.ts';
import type { RevisionDetail } from '../../schema/endpoints.ts';
import { Fault } from '../../schema/faults.ts';
import { titleIn } from '../../schema/words.ts';
import { type Call, write } from '../call.ts';

const PAGE = 50;

export const listRevisions = ({ services, query }: Call) =>
  services
    .revisions()
    .list((query.before as number | undefined) ?? Number.MAX_SAFE_INTEGER, (query.limit as number | undefined) ?? PAGE);

export function getRevision(call: Call): RevisionDetail {
  const revisions = call.services.revisions();
  const summary = existing(call);
  const config = revisions.configAt(summary.revision);
  return {
    ...summary,
    changes: revisions.changes(summary.revision).map(({ kind, id, before, after }) => ({
      kind,
      id,
      title: titleIn(kind, (after ?? before) as NonNullable<typeof after>, config),
      ...(before && { before: view(kind, before) }),
      ...(after && { after: view(kind, after) }),
    })),
  };
}

export function restoreRevision(call: Call) {
  const { revision } = existing(call);
  const wanted = call.services.revisions().configAt(revision);
  return write(
    call,
    config => editsBetween(config, wanted),
    () => undefined,
  );
}

function existing({ services, id }: Call) {
  const summary = services.revisions().list(id + 1, 1)[0];
  if (summary?.revision !== id) throw new Fault('NOT_FOUND', { what: 'revision', id });
  return summary;
}
