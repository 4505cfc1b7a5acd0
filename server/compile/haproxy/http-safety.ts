/** A host name or an IPv6 address in brackets, with or without a port. */
const HOST = String.raw`(?:[A-Za-z0-9._-]++|\[[0-9A-Fa-f:.]++\])(?::[0-9]{1,5})?`;

/** Headers by which a balancer speaks to its servers. CGI-like servers take `_` for `-`, so both are meant. */
const SPOOFABLE =
  '(?:x[-_](?:forwarded[-_]for|clientside|client[-_]cert|real[-_]ip)|(?:x[-_])?ssl[-_](?:client[-_][a-z0-9_-]++|protocol|cipher|sni)|forwarded)';

/**
 * A header line that no rule below has to look at: no NUL, no long length, nothing rare, nothing of ours. HAProxy has
 * brought the names to small letters, so this need not ignore case, which costs a tenth of the speed of HTTP/2.
 */
const ORDINARY = String.raw`(?!host:|content-length:[^\r\n]{16}|transfer-encoding:|upgrade:|http2-settings:|connection:(?! (?:[Kk]eep-[Aa]live|[Cc]lose)\r)|${SPOOFABLE}:)[^\x00\r\n]++\r\n`;

/**
 * All headers of a clean request: ordinary lines and exactly one good Host. One look by one compiled expression costs
 * less than two of the rules below, which then need not run. It never goes back (`++`, `*+`, `(?>`), so long headers
 * cannot exhaust it; and if it failed to run at all, the request would only take the long way.
 */
const CLEAN = String.raw`^(?>${ORDINARY})*+host: ${HOST}\r\n(?>${ORDINARY})*+\r\n$`;

const clean = `!METH_CONNECT { req.hdrs -m reg '${CLEAN}' }`;

/**
 * What plain HAProxy lets through and an HTTP service must not: each rule closes a hole that was seen. A request
 * that two parsers could read differently never reaches a Real Server. `allow` ends the rules of the frontend, so
 * nothing may follow these there; what every request needs stands in the backend.
 */
export const requestSafety: readonly string[] = [
  // What is cheaper to ask stands first.
  `http-request allow if { fc_http_major 2 } ${clean}`,
  `http-request allow if { req.ver 1.1 } ${clean}`,
  // A CONNECT answered with anything but an error that closes leaves what is pipelined behind it to be run.
  'http-request deny deny_status 400 if METH_CONNECT',
  // Only versions 1.0 and 1.1 exist in the syntax of HTTP/1.
  'http-request deny deny_status 400 if { fc_http_major 1 } !{ req.ver 1.0 1.1 }',
  // A length of 2^64 and above wraps to a small number; the bytes behind would run as a second request.
  'http-request deny deny_status 400 if { req.fhdr(content-length),length gt 15 }',
  'http-request deny deny_status 400 if { req.ver 1.0 } { req.fhdr(transfer-encoding) -m found }',
  // RFC 9112, 3.2: exactly one Host; HTTP/1.0 may lack it.
  'http-request deny deny_status 400 if { req.fhdr_cnt(host) gt 1 }',
  'http-request deny deny_status 400 if { req.fhdr_cnt(host) eq 0 } !{ req.ver 1.0 }',
  `http-request deny deny_status 400 if { req.fhdr_cnt(host) eq 1 } !{ req.fhdr(host) -m reg '^${HOST}$' }`,
  String.raw`http-request deny deny_status 400 if { req.hdrs -m reg '\x00' }`,
  // HTTP/2 over plain text by upgrade would take the rest of the connection out of our sight.
  'http-request del-header upgrade if { req.fhdr(upgrade) -m sub -i h2c }',
  'http-request del-header http2-settings',
  // Sent by a client, these would look like ours.
  `http-request del-header '^${SPOOFABLE}$' -m reg`,
  // Named here as hop-by-hop, ours would be thrown away by a server that is a proxy itself.
  `http-request replace-value connection '(?i)^${SPOOFABLE}$' keep-alive`,
];

/** The same without the short way: what a service does with every request may follow these in the frontend. */
export const requestSafetyInFull: readonly string[] = requestSafety.filter(
  line => !line.startsWith('http-request allow '),
);

export const responseSafety: readonly string[] = [
  String.raw`http-response deny deny_status 502 if { res.hdrs -m reg '\x00' }`,
];
