import { kinds } from '../../../../server/schema/config.ts';
import { titleOf } from '../../../../server/schema/rules.ts';
import { useCertificates, useServices } from '../../api/queries.ts';
import { labelOf, type NameOf, valueWords } from '../../parts/value.ts';
import { type Change, propertiesOf } from './compare.ts';

/** Before and after, object by object, in the words of the schema. */
export function ChangeList({ changes }: { changes: Change[] }) {
  const certificates = useCertificates().data;
  const services = useServices().data;
  const nameOf: NameOf = (kind, id) => {
    if (kind === 'certificate') return certificates?.find(c => c.id === id)?.name;
    const service = services?.find(vs => vs.id === id);
    return service && titleOf(service);
  };
  if (changes.length === 0) return <p className="quiet">The configuration is the same.</p>;
  return changes.map(change => <ChangedObject key={`${change.kind} ${change.id}`} change={change} nameOf={nameOf} />);
}

function ChangedObject({ change, nameOf }: { change: Change; nameOf: NameOf }) {
  const { kind, title, before, after } = change;
  const act = !before ? 'added' : !after ? 'deleted' : 'changed';
  const shown = (object: Record<string, unknown> | undefined, name: string) =>
    object ? valueWords(kind, name, object[name], nameOf) : '';
  return (
    <section className="revision-change" data-act={act}>
      <h3>
        {kinds[kind].label} {title} <span className="quiet">{act}</span>
      </h3>
      <table>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {propertiesOf(change).map(name => (
            <tr key={name}>
              <th scope="row">{labelOf(kind, name)}</th>
              <td className="before">{shown(before, name)}</td>
              <td className="after">{shown(after, name)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
