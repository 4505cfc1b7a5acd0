import type { advancedFields } from '../../schema/service/advanced.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import { cacheLines, compressionLines } from '../haproxy/content-coding.ts';
import { elsewhere, http, type Lines, type LinesOf } from '../lines.ts';
import { formatted, quoted, word } from '../word.ts';

/** One entry per property of schema/service/advanced.ts, in the order in which the lines are written. */
export const advancedLines = {
  forwardedHeader: vs => http(vs, forwarded(vs)),
  // Copied before one is added under the same name.
  copiedHeader: vs => (vs.copiedHeader === '' ? {} : http(vs, { backend: copied(vs) })),
  copiedHeaderTo: elsewhere,
  addedHeader: vs =>
    vs.addedHeader === ''
      ? {}
      : http(vs, {
          backend: [`http-request set-header ${word(vs.addedHeader)} ${quoted(formatted(vs.addedHeaderValue))}`],
        }),
  addedHeaderValue: elsewhere,
  connectionReuse: vs =>
    vs.connectionReuse === 'safe'
      ? {}
      : http(vs, { backend: [`http-reuse ${vs.connectionReuse === 'never' ? 'never' : 'always'}`] }),
  reschedule: vs => (vs.reschedule ? http(vs, { backend: RESCHEDULE }) : {}),
  statusMap: vs =>
    http(vs, {
      backend: vs.statusMap.map(line => {
        const [from = '', to = ''] = line.split(' ');
        return `http-response set-status ${word(to)} if { status ${word(from)} }`;
      }),
    }),
  caching: (vs, world) => (vs.caching ? http(vs, cacheLines(vs, world.settings)) : {}),
  cachePercent: elsewhere,
  // HAProxy wants to keep answers before they are compressed.
  compression: (vs, world) => (vs.compression ? http(vs, compressionLines(world.settings)) : {}),
  wafRules: elsewhere,
  tos: vs => (vs.tos === 'normal' ? {} : { guard: [`tcp-request connection set-tos ${TOS[vs.tos]}`] }),
} satisfies { [K in keyof typeof advancedFields]: LinesOf };

/** RFC 1349, 4: the bits as they stand in the byte. */
const TOS: Record<Exclude<VirtualService['tos'], 'normal'>, string> = {
  cost: '0x02',
  reliability: '0x04',
  throughput: '0x08',
  delay: '0x10',
};

/** What must not be done twice is not sent twice. */
const RESCHEDULE = [
  'retry-on conn-failure empty-response response-timeout',
  'http-request disable-l7-retry if !METH_GET !{ method HEAD OPTIONS }',
];

function copied(vs: VirtualService): string[] {
  const from = `req.fhdr(${word(vs.copiedHeader)})`;
  return [
    `http-request del-header ${word(vs.copiedHeaderTo)}`,
    `http-request set-header ${word(vs.copiedHeaderTo)} %[${from}] if { ${from} -m found }`,
  ];
}

/** What a client sends under these names was removed by the safety rules. */
function forwarded(vs: VirtualService): Lines {
  const how = vs.forwardedHeader;
  const via = how.endsWith('via') ? ["http-request add-header via '%[req.ver] ballast'"] : [];
  if (how.startsWith('x-forwarded-for')) return { frontend: ['option forwardfor'], backend: via };
  if (how.startsWith('x-clientside')) {
    // A service has clients of its own family only; without brackets nobody could tell an IPv6 address from its port.
    const ends = vs.address.includes(':') ? '[%ci]:%cp -> [%[dst]]:%[dst_port]' : '%ci:%cp -> %[dst]:%[dst_port]';
    return { backend: [`http-request set-header x-clientside ${quoted(ends)}`, ...via] };
  }
  return { backend: via };
}
