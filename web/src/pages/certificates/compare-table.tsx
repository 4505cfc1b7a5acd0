import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { dateOf } from '../../parts/format.ts';

/** Old and new side by side; what a client would notice is marked. */
export function CompareTable({ old, fresh }: { old: CertificateView; fresh: CertificateView }) {
  const lost = old.names.filter(name => !fresh.names.includes(name));
  const gained = fresh.names.filter(name => !old.names.includes(name));
  const kept = fresh.names.filter(name => old.names.includes(name));
  const rows: [string, string, string][] = [
    ['Common name', old.subject, fresh.subject],
    ['Issuer', old.issuer, fresh.issuer],
    ['Valid from', day(old.notBefore), day(fresh.notBefore)],
    ['Ends', day(old.notAfter), day(fresh.notAfter)],
    ['Key', old.keyType, fresh.keyType],
    ['Chain', old.chainProblem || 'complete', fresh.chainProblem || 'complete'],
  ];
  const sooner = old.notAfter !== null && fresh.notAfter !== null && fresh.notAfter < old.notAfter;
  return (
    <table className="compare">
      <thead>
        <tr>
          <th scope="col">
            <span className="unseen">Property</span>
          </th>
          <th scope="col">Old</th>
          <th scope="col">New</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Names</th>
          <td>
            <Names kept={kept} marked={lost} sign="−" tone="bad" word="lost" />
          </td>
          <td>
            <Names kept={kept} marked={gained} sign="+" tone="good" word="gained" />
            {lost.length > 0 && (
              <p data-tone="bad" className="toned">
                ✕ Clients that ask for {lost.join(', ')} will refuse it.
              </p>
            )}
          </td>
        </tr>
        {rows.map(([what, before, after]) => (
          <tr key={what} data-changed={before === after ? undefined : ''}>
            <th scope="row">{what}</th>
            <td className="figure">{before || '–'}</td>
            <td className="figure">
              {after || '–'}
              {what === 'Ends' && sooner && (
                <span data-tone="warn" className="toned">
                  {' '}
                  ▲ sooner than the old one
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const day = (time: number | null) => (time === null ? '' : dateOf(time));

interface NamesProps {
  kept: string[];
  marked: string[];
  sign: string;
  tone: 'good' | 'bad';
  word: string;
}

function Names({ kept, marked, sign, tone, word }: NamesProps) {
  return (
    <>
      {kept.map(name => (
        <div key={name}>{name}</div>
      ))}
      {marked.map(name => (
        <div key={name} data-tone={tone} className="toned">
          {sign} {name} <span className="unseen">{word}</span>
        </div>
      ))}
    </>
  );
}
