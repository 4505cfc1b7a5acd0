import { useMemo } from 'react';
import type { Authority } from '../../../../server/schema/authority.ts';
import type { AuthorityFacts } from '../../../../server/schema/endpoints.ts';
import { useAuthorities, useAuthorityFacts } from '../../api/queries.ts';
import type { Column } from '../../parts/data-table.tsx';
import { dateOf, plural } from '../../parts/format.ts';
import { PlainPage } from './plain-page.tsx';

/** Issuers: intermediates that complete chains, and authorities by which clients and servers are verified. */
export function AuthoritiesPage() {
  const query = useAuthorities();
  const facts = useAuthorityFacts().data;
  const byId = useMemo(() => new Map(facts?.map(each => [each.id, each])), [facts]);
  const columns = useMemo(() => columnsOf(byId), [byId]);
  return (
    <PlainPage
      kind="authority"
      title="Intermediate Certificates & Authorities"
      what="authority"
      query={query}
      columns={columns}
      textOf={authority =>
        [authority.name, ...(byId.get(authority.id)?.certificates ?? []).map(c => c.subject)].join(' ')
      }
      detail={authority => <Trouble facts={byId.get(authority.id)} />}
      words="Certificates of issuers: they complete the chains of services by themselves, and verify clients and Real Servers where a service names them."
    />
  );
}

const columnsOf = (facts: ReadonlyMap<number, AuthorityFacts>): Column<Authority>[] => [
  { key: 'name', title: 'Name', sort: a => a.name, render: a => <strong className="row-name">{a.name}</strong> },
  {
    key: 'issuers',
    title: 'Issuers',
    render: a => {
      const all = facts.get(a.id)?.certificates ?? [];
      const said = all.map(c => `${c.subject}${c.root ? ' (root)' : ''}`);
      return <span title={said.join('\n')}>{said.join(', ')}</span>;
    },
  },
  {
    key: 'ends',
    title: 'First Ends',
    width: '130px',
    sort: a => firstEnd(facts.get(a.id)),
    render: a => {
      const end = firstEnd(facts.get(a.id));
      return end === Number.POSITIVE_INFINITY ? '–' : <span className="figure">{dateOf(end)}</span>;
    },
  },
  {
    key: 'lists',
    title: 'Revoked',
    width: '150px',
    render: a => {
      const lists = facts.get(a.id)?.lists ?? [];
      if (lists.length === 0) return <span className="quiet">no lists</span>;
      const revoked = lists.reduce((sum, list) => sum + list.revoked, 0);
      return <span className="figure">{`${revoked} in ${plural(lists.length, 'list')}`}</span>;
    },
  },
];

const firstEnd = (facts: AuthorityFacts | undefined) =>
  Math.min(...(facts?.certificates ?? []).map(c => c.notAfter), Number.POSITIVE_INFINITY);

/** What would keep clients out, as sentences. */
function Trouble({ facts }: { facts: AuthorityFacts | undefined }) {
  const now = Date.now();
  const ended = facts?.certificates.find(c => c.notAfter < now);
  const stale = facts?.lists.find(list => list.nextUpdate !== null && list.nextUpdate < now);
  const rootless = facts !== undefined && facts.usedBy.length > 0 && !facts.certificates.some(c => c.root);
  const sentence = ended
    ? `“${ended.subject}” ended on ${dateOf(ended.notAfter)}: what it issued is refused.`
    : stale
      ? `The revocation list of “${stale.issuer}” ended on ${dateOf(stale.nextUpdate ?? 0)}: every client is refused until there is a new one.`
      : rootless
        ? 'The root is missing: services that verify by it refuse everybody.'
        : undefined;
  return (
    sentence && (
      <span data-tone="warn" className="toned">
        ▲ {sentence}
      </span>
    )
  );
}
