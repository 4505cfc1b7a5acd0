import type { Settings } from '../../schema/settings.ts';
import type { VirtualService } from '../../schema/virtual-service.ts';
import type { Lines } from '../lines.ts';
import { word } from '../word.ts';

/** What shrinks. Pictures, archives and the like are small already. */
const TEXTS = [
  'text/html',
  'text/plain',
  'text/css',
  'text/xml',
  'text/javascript',
  'application/javascript',
  'application/json',
  'application/xml',
  'image/svg+xml',
].join(' ');

/** Seconds an answer is kept at most, and when it is public but says no time. */
const KEPT = 60;
/** An object may be an eighth of its cache, as HAProxy allows at most half. */
const SHARE_OF_OBJECT = 8;

/** Does the path end with one of these extensions? Empty when there are none. */
const endsWith = (extensions: string, fetch: string): string =>
  extensions === ''
    ? ''
    : `{ ${fetch} -i -m end ${extensions
        .split(' ')
        .map(one => `.${word(one)}`)
        .join(' ')} }`;

/** HAProxy leaves alone what is encoded already, has no length to speak of, or is a part of a whole. */
export function compressionLines(settings: Settings): Lines {
  const small = endsWith(settings.uncompressed, 'path');
  return {
    backend: [
      'filter compression',
      'compression algo gzip',
      `compression type ${TEXTS}`,
      // HAProxy looks at the request alone; the server need not encode what is small either.
      ...(small ? [`http-request del-header accept-encoding if ${small}`] : []),
    ],
  };
}

/** HAProxy keeps what Cache-Control lets it, of GET only, and nothing asked for with Authorization; we: only if told. */
export function cacheLines(vs: VirtualService, settings: Settings): Lines {
  const name = `cache${word(vs.id)}`;
  const megabytes = Math.max(1, Math.floor((settings.cacheSize * vs.cachePercent) / 100));
  const not = endsWith(settings.uncached, 'path');
  return {
    backend: [
      `filter cache ${name}`,
      `http-request cache-use ${name}${not ? ` if !${not}` : ''}`,
      // A cookie is one client's own. And HAProxy would keep an answer that has but an ETag or a Last-Modified: pages
      // made for one signed-in client have those too, so the server has to say itself that it may be kept.
      ...[`{ res.hdr(cache-control) -i -m beg public max-age= s-maxage= }`, '{ res.hdr(expires) -m found }'].map(
        said => `http-response cache-store ${name} if !{ res.hdr(set-cookie) -m found } ${said}`,
      ),
    ],
    sections: [
      {
        kind: 'cache',
        name,
        lines: [
          `total-max-size ${word(megabytes)}`,
          `max-object-size ${word(Math.floor((megabytes * 1_048_576) / SHARE_OF_OBJECT))}`,
          `max-age ${word(KEPT)}`,
          'process-vary on',
        ],
        servers: [],
      },
    ],
  };
}
