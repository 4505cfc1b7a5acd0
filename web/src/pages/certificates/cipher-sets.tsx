import type { CipherSet } from '../../../../server/schema/cipher-set.ts';
import { useCipherSets } from '../../api/queries.ts';
import type { Column } from '../../parts/data-table.tsx';
import { PlainPage } from './plain-page.tsx';

/** Cipher sets of one's own, beside the named ones. */
export function CipherSetsPage() {
  return (
    <PlainPage
      kind="cipherSet"
      title="Cipher Sets"
      what="cipher set of your own"
      query={useCipherSets()}
      columns={columns}
      textOf={set => [set.name, set.ciphers, set.suites].join(' ')}
      words="Lists of your own. The named sets, such as Default and Best practices, need none: a service chooses them under SSL Properties."
    />
  );
}

const columns: Column<CipherSet>[] = [
  {
    key: 'name',
    title: 'Name',
    sort: set => set.name,
    render: set => <strong className="row-name">{set.name}</strong>,
  },
  {
    key: 'ciphers',
    title: 'Up to TLS 1.2',
    render: set => <span title={set.ciphers.replaceAll(':', '\n')}>{shortened(set.ciphers)}</span>,
  },
  {
    key: 'suites',
    title: 'TLS 1.3',
    render: set => <span title={set.suites.replaceAll(':', '\n')}>{shortened(set.suites)}</span>,
  },
];

function shortened(list: string): string {
  const [first = '', ...others] = list.split(':');
  return others.length > 0 ? `${first} +${others.length}` : first;
}
