import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { dateOf, duration, exactly } from '../../parts/format.ts';
import { useNow } from '../../parts/now.ts';

const DAY = 86_400_000;
/** Ask for a new one, and worry: the same bounds as on Home. */
const SOON = 45 * DAY;
const VERY_SOON = 14 * DAY;
/** The full bar. Most issuers give a year or less. */
const FULL = 365 * DAY;

type Dated = Pick<CertificateView, 'notBefore' | 'notAfter'>;

/** How much time is left, as a bar on one scale for all rows, and in words. */
export function Lifetime({ certificate }: { certificate: Dated }) {
  const now = useNow();
  const { notBefore, notAfter } = certificate;
  if (notAfter === null) return <span className="quiet">waits for its answer</span>;
  const left = notAfter - now;
  const early = notBefore !== null && notBefore > now;
  const tone = left < VERY_SOON || early ? 'bad' : left < SOON ? 'warn' : 'good';
  return (
    <span className="lifetime" data-tone={tone} title={exactly(notAfter)}>
      <span className="lifetime-bar" aria-hidden="true">
        <span style={{ width: `${Math.max(0, Math.min(100, (left / FULL) * 100))}%` }} />
      </span>
      <span className="figure lifetime-date">{dateOf(notAfter)}</span>
      <span className="figure lifetime-words">
        {early && '✕ not valid yet'}
        {!early && left <= 0 && '✕ ended'}
        {!early && left > 0 && `${tone === 'good' ? '' : '▲ '}${duration(left)}`}
      </span>
    </span>
  );
}
