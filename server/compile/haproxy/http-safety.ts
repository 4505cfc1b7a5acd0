/**
 * What plain HAProxy lets through and an HTTP service must not: each rule closes a hole that was seen. A request
 * that two parsers could read differently never reaches a Real Server.
 */
export const requestSafety: readonly string[] = [
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
  String.raw`http-request deny deny_status 400 if { req.fhdr_cnt(host) eq 1 } !{ req.fhdr(host) -m reg '^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$' }`,
  String.raw`http-request deny deny_status 400 if { req.hdrs -m reg '\x00' }`,
  // HTTP/2 over plain text by upgrade would take the rest of the connection out of our sight.
  'http-request del-header upgrade if { req.fhdr(upgrade) -m sub -i h2c }',
  'http-request del-header http2-settings',
];

export const responseSafety: readonly string[] = [
  String.raw`http-response deny deny_status 502 if { res.hdrs -m reg '\x00' }`,
];

/**
 * Headers by which a balancer speaks to its servers: what a client sends under these names is removed. Servers that
 * hand headers on as CGI variables take `_` for `-`, so both are meant.
 */
export const spoofable = [
  "'^x[-_](forwarded[-_]for|clientside|client[-_]cert|ssl[-_]client[-_]cert)$' -m reg",
] as const;
