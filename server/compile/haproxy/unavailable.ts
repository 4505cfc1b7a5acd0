import type { VirtualService } from '../../schema/virtual-service.ts';
import { formatted, quoted, quotedLines, word } from '../word.ts';

/**
 * What an HTTP client is told when no server can take its request. HAProxy answers 503 in all those cases (none
 * up, queue too long, none could be connected to), so its own 503 is what is reworded; an answer of a server is
 * marked and never touched, be it a 503.
 */
export function nobodyLines(vs: VirtualService, close: boolean): string[] {
  const code = vs.unavailableAction === 'redirect' ? vs.redirectCode : vs.unavailableCode;
  const message = vs.unavailableAction === 'redirect' ? '' : vs.unavailableMessage;
  // HAProxy's own page says 503, which would be wrong with any other code.
  const own = vs.unavailableAction === 'error' ? vs.unavailablePage : '';
  const text = own || message || (code === 503 ? '' : String(code));
  const type = own ? 'text/html' : 'text/plain';
  // A browser that remembers an error would go on showing it when the servers are back.
  const headers = vs.unavailableAction === 'error' ? ' hdr cache-control no-cache' : '';
  const page = text
    ? [`http-error status 503 content-type '${type}; charset=utf-8' string ${quotedLines(text)}${headers}`]
    : [];
  const reworded = vs.unavailableAction === 'redirect' || code !== 503;
  if (!reworded && !close) return page;
  const ours = 'if { status 503 } !{ var(txn.answered) -m found }';
  const redirect = vs.unavailableAction === 'redirect';
  return [
    ...page,
    ...(redirect ? macroLines(vs) : []),
    'http-response set-var(txn.answered) bool(true)',
    ...(redirect ? [`http-after-response set-header location ${locationOf(vs)} ${ours}`] : []),
    // Before the status is another. HTTP/2 has no such header: HAProxy leaves it out there.
    ...(close ? [`http-after-response set-header connection close ${ours}`] : []),
    ...(reworded ? [`http-after-response set-status ${word(code)} ${ours}`] : []),
  ];
}

/** Kept while the request is there: when the answer is made it is gone. HTTP/1.0 may lack Host: then our own address. */
function macroLines(vs: VirtualService): string[] {
  const own = vs.address.includes(':') ? `[${vs.address}]` : vs.address;
  return [
    ...(vs.redirectUrl.includes('%h')
      ? [
          'http-request set-var(txn.host) req.hdr(host),host_only if { req.hdr(host) -m found }',
          `http-request set-var(txn.host) ${word(`str(${own})`)} if !{ req.hdr(host) -m found }`,
        ]
      : []),
    ...(vs.redirectUrl.includes('%s') ? ['http-request set-var(txn.target) pathq'] : []),
  ];
}

/** %h is the host the client asked for, without its port; %s its path and query; both were checked by the safety rules. */
function locationOf(vs: VirtualService): string {
  const format = vs.redirectUrl
    .split(/(%[hs])/)
    .map(part => (part === '%h' ? '%[var(txn.host)]' : part === '%s' ? '%[var(txn.target)]' : formatted(part)))
    .join('');
  return quoted(format);
}
