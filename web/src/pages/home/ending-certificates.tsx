import { Link } from 'react-router';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { useCertificates } from '../../api/queries.ts';
import { dateOf, duration, plural } from '../../parts/format.ts';
import { useNow } from '../../parts/now.ts';
import { Panel } from '../../parts/panel.tsx';
import { Loaded } from '../../parts/states.tsx';

const DAY = 86_400_000;
/** Ask for a new one now, and worry. */
const SOON = 45 * DAY;
const VERY_SOON = 14 * DAY;
const MOST = 6;

/** Certificates that ended or end soon, the nearest first. */
export function EndingCertificates() {
  const certificates = useCertificates();
  const now = useNow();
  return (
    <Panel title="Certificates that end soon">
      <Loaded query={certificates} what="The certificates could not be loaded">
        {all => {
          const ending = all
            .filter((c): c is CertificateView & { notAfter: number } => c.notAfter !== null && c.notAfter < now + SOON)
            .sort((a, b) => a.notAfter - b.notAfter);
          if (ending.length === 0) return <p className="home-none">None within {SOON / DAY} days.</p>;
          return (
            <ul className="home-lines">
              {ending.slice(0, MOST).map(c => (
                <li key={c.id}>
                  <div>
                    <Link to={`/certificates/${c.id}`}>{c.name}</Link>
                    <span className="home-ago figure" data-tone={c.notAfter < now + VERY_SOON ? 'bad' : 'warn'}>
                      {c.notAfter < now ? `✕ ended ${dateOf(c.notAfter)}` : `▲ in ${duration(c.notAfter - now)}`}
                    </span>
                  </div>
                  <span className="quiet">
                    {c.usedBy.length === 0 ? 'not used' : `used by ${plural(c.usedBy.length, 'service')}`}
                  </span>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}
