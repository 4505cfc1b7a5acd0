import type { VirtualService } from '../../schema/virtual-service.ts';
import { formatted, quoted, quotedLines, word } from '../word.ts';

/**
 * What an HTTP client is told when no server can take its request. HAProxy answers 503 in all those cases (none
 * up, queue too long, none could be connected to), so its own 503 is what is reworded; an answer of a server is
 * marked and never touched, be it a 503.
 */
export function unavailableLines(vs: VirtualService): string[] {
  const code = vs.unavailableAction === 'redirect' ? vs.redirectCode : vs.unavailableCode;
  const message = vs.unavailableAction === 'redirect' ? '' : vs.unavailableMessage;
  // HAProxy's own page says 503, which would be wrong with any other code.
  const text = message || (code === 503 ? '' : String(code));
  const page = text
    ? [`http-error status 503 content-type 'text/plain; charset=utf-8' string ${quotedLines(text)}`]
    : [];
  if (vs.unavailableAction === 'error' && code === 503) return page;
  const ours = 'if { status 503 } !{ var(txn.answered) -m found }';
  const location =
    vs.unavailableAction === 'redirect' ? [`http-after-response set-header location ${locationOf(vs)} ${ours}`] : [];
  return [
    ...page,
    ...(location.length > 0
      ? ['http-request set-var(txn.host) req.hdr(host)', 'http-request set-var(txn.target) pathq']
      : []),
    'http-response set-var(txn.answered) bool(true)',
    ...location,
    `http-after-response set-status ${word(code)} ${ours}`,
  ];
}

/** %h is the host the client asked for, %s its path and query; both were checked by the safety rules. */
function locationOf(vs: VirtualService): string {
  const format = vs.redirectUrl
    .split(/(%[hs])/)
    .map(part => (part === '%h' ? '%[var(txn.host)]' : part === '%s' ? '%[var(txn.target)]' : formatted(part)))
    .join('');
  return quoted(format);
}
