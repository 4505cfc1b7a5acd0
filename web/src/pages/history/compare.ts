import { kinds } from '../../../../server/schema/config.ts';
import type { RevisionDetail } from '../../../../server/schema/endpoints.ts';

export type Change = RevisionDetail['changes'][number];

/** What several revisions after each other, oldest first, come to: one change per object, and none where it is as it was. Pure. */
export function folded(details: readonly RevisionDetail[]): Change[] {
  const all = new Map<string, Change>();
  for (const change of details.flatMap(detail => detail.changes)) {
    const key = `${change.kind} ${change.id}`;
    const first = all.get(key);
    const { kind, id, title } = change;
    const before = first ? first.before : change.before;
    all.set(key, { kind, id, title, ...(before && { before }), ...(change.after && { after: change.after }) });
  }
  return [...all.values()].filter(change => propertiesOf(change).length > 0 || !change.before !== !change.after);
}

/** The properties in which an object differs, in the order of its schema. */
export function propertiesOf({ kind, before, after }: Change): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  names.delete('id');
  const order = Object.keys(kinds[kind].schema.properties);
  return [...names]
    .sort((a, b) => order.indexOf(a) - order.indexOf(b))
    .filter(name => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
}
