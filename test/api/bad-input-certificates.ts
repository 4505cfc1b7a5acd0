import { randomBytes } from 'node:crypto';
import { garbled, half } from '../certificates/authority.ts';
import { type BadInput, type Ground, PASSPHRASE, type Row, table } from './bad-input-ground.ts';

/** Certificates, keys and requests that must be refused. */
export function certificateCases(ground: Ground): BadInput[] {
  const { files, certificate, certificateInUse, request, requestText } = ground;
  const named = rowsOf(ground).map(
    ([name, body, ...rest]): Row => [name, { name: 'new', ...(body as object) }, ...rest],
  );
  const good = { pem: files.good.certificate, key: files.good.key };
  return [
    ...table('POST', '/api/certificates/import', [
      ...named,
      ...badNames.map(
        (name): Row => [`name ${JSON.stringify(name).slice(0, 20)}`, { ...good, name }, 'INVALID', '/name'],
      ),
      ['no name', good, 'INVALID', '/name'],
      ['a name that is taken', { ...good, name: 'free' }, 'NAME_TAKEN', '/name'],
      ['a chain to be stored as it is', { ...good, name: 'new', chain: 'x' }, 'INVALID', '/chain'],
      ['larger than any', { ...good, name: 'new', pfx: 'A'.repeat(600_000) }, 'TOO_LARGE'],
    ]),
    ...table('POST', `/api/certificates/${certificateInUse}/replace`, [
      ...rowsOf(ground),
      ['a name', { ...good, name: 'x' }, 'INVALID', '/name'],
    ]),
    ...table('POST', '/api/certificates/424242/replace', [['one that is not there', good, 'NOT_FOUND']]),
    ...table('POST', '/api/certificates/inspect', rowsOf(ground).slice(0, 6)),
    ...table('DELETE', `/api/certificates/${certificateInUse}`, [
      ['in use', undefined, 'CERTIFICATE_IN_USE', undefined, /used by “web”/],
    ]),
    ...table('PATCH', `/api/certificates/${certificate}`, [
      ...badNames.map((name): Row => [`name ${JSON.stringify(name).slice(0, 20)}`, { name }, 'INVALID', '/name']),
      ['a name that is taken', { name: 'in use' }, 'NAME_TAKEN', '/name'],
      ['a key', { name: 'x', key: files.good.key }, 'INVALID', '/key'],
    ]),
    ...table('POST', `/api/certificates/${request}/answer`, [
      ['an answer to another request', { pem: files.good.certificate }, 'ANSWER_MISMATCH', '/pem'],
      ['the request itself', { pem: requestText }, 'CERTIFICATE_UNREADABLE', '/pem', /signing request/],
      ['garbage', { pem: 'garbage' }, 'CERTIFICATE_UNREADABLE', '/pem'],
      ['nothing', { pem: '' }, 'INVALID', '/pem'],
      ['a key with it', good, 'INVALID', '/key'],
    ]),
    ...table('POST', `/api/certificates/${certificate}/answer`, [
      ['nothing was asked', { pem: files.good.certificate }, 'NO_REQUEST', undefined, /“free”/],
    ]),
    ...table('POST', '/api/certificates/self-signed', [
      ['no common name', { name: 'new' }, 'INVALID', '/commonName'],
      ['a common name with a line feed', { name: 'new', commonName: 'a\nb' }, 'INVALID', '/commonName'],
      ['a common name of 65 characters', { name: 'new', commonName: 'x'.repeat(65) }, 'INVALID', '/commonName'],
      ['0 days', { name: 'new', commonName: 'a.example', days: 0 }, 'INVALID', '/days'],
      ['3651 days', { name: 'new', commonName: 'a.example', days: 3651 }, 'INVALID', '/days'],
      ['days as text', { name: 'new', commonName: 'a.example', days: '30' }, 'INVALID', '/days'],
      ['a key of another kind', { name: 'new', commonName: 'a.example', keyType: 'rsa-1024' }, 'INVALID', '/keyType'],
      ['101 names', { name: 'new', commonName: 'a.example', names: Array(101).fill('a.example') }, 'INVALID', '/names'],
      ['names not in a list', { name: 'new', commonName: 'a.example', names: 'a.example' }, 'INVALID', '/names'],
      [
        'a name with a blank',
        { name: 'new', commonName: 'a.example', names: ['b.example', 'a b'] },
        'INVALID',
        '/names/1',
      ],
      ['a name that is taken', { name: 'free', commonName: 'a.example' }, 'NAME_TAKEN', '/name'],
      ...['*', 'a_b', '0x7f.1', '010.0.0.1', 'a/b', 'a"b', '*.*.example', 'fe80::1%eth0', '😀', 'a,b'].map(
        (host): Row => [
          `host “${host}”`,
          { name: 'new', commonName: 'a.example', names: [host] },
          'BAD_ADDRESS',
          '/names/0',
        ],
      ),
    ]),
    ...table('POST', '/api/certificates/request', [
      ['a country of three letters', { name: 'new', commonName: 'a', country: 'DEU' }, 'INVALID', '/country'],
      ['a country in small letters', { name: 'new', commonName: 'a', country: 'de' }, 'INVALID', '/country'],
      ['an email without @', { name: 'new', commonName: 'a', email: 'post' }, 'INVALID', '/email'],
      ['an email with an umlaut', { name: 'new', commonName: 'a', email: 'ü@a.example' }, 'INVALID', '/email'],
      ...['state', 'city', 'company', 'organization'].flatMap((field): Row[] => [
        [`${field} with a line feed`, { name: 'new', commonName: 'a', [field]: 'a\nb' }, 'INVALID', `/${field}`],
        [`${field} with NUL`, { name: 'new', commonName: 'a', [field]: 'a\0b' }, 'INVALID', `/${field}`],
        [
          `${field} of 65 characters`,
          { name: 'new', commonName: 'a', [field]: 'x'.repeat(65) },
          'INVALID',
          `/${field}`,
        ],
        [`${field} a number`, { name: 'new', commonName: 'a', [field]: 5 }, 'INVALID', `/${field}`],
      ]),
    ]),
  ];
}

const badNames = ['', 'a\nb', 'a\0b', 'a\r', 'a\tb', '\x7f', 'x'.repeat(65)];

/** Material that no certificate can be made of. */
function rowsOf({ files }: Ground): Row[] {
  const { good, other, rsa, expired, weak, sha1, locked, pfx } = files;
  const pem = good.certificate;
  return [
    ['nothing', {}, 'NEEDS', '/pem'],
    ['a certificate without its key', { pem }, 'KEY_MISSING', '/key'],
    ['the key of another', { pem, key: other.key }, 'KEY_MISMATCH', '/key'],
    ['a key of another kind', { pem, key: rsa.key }, 'KEY_MISMATCH', '/key'],
    [
      'expired',
      { pem: expired.certificate, key: expired.key },
      'CERTIFICATE_EXPIRED',
      '/pem',
      /ended on \d{4}-\d\d-\d\d/,
    ],
    ['cut off', { pem: half(pem), key: good.key }, 'CERTIFICATE_UNREADABLE', '/pem'],
    ['an RSA key of 1024 bits', { pem: weak.certificate, key: weak.key }, 'KEY_WEAK', '/key', /1024/],
    ['SHA-1', { pem: sha1.certificate, key: sha1.key }, 'CERTIFICATE_WEAK', '/pem'],
    ['key cut off', { pem, key: half(good.key) }, 'KEY_UNREADABLE', '/key'],
    ['key garbled', { pem, key: garbled(good.key) }, 'KEY_UNREADABLE', '/key'],
    ['key that is a certificate', { pem, key: pem }, 'KEY_UNREADABLE', '/key'],
    ['key locked', { pem, key: locked }, 'KEY_UNREADABLE', '/passphrase', /give its pass phrase/],
    [
      'wrong pass phrase',
      { pem, key: locked, passphrase: 'x' },
      'KEY_UNREADABLE',
      '/passphrase',
      /pass phrase is wrong/,
    ],
    ['pass phrase with a line feed', { pem, key: locked, passphrase: `${PASSPHRASE}\n` }, 'INVALID', '/passphrase'],
    ['pass phrase of 257 characters', { pem, key: locked, passphrase: 'x'.repeat(257) }, 'INVALID', '/passphrase'],
    ['garbage', { pem: randomBytes(500).toString('latin1'), key: good.key }, 'CERTIFICATE_UNREADABLE', '/pem'],
    ['garbled', { pem: garbled(pem), key: good.key }, 'CERTIFICATE_UNREADABLE', '/pem'],
    ['30 certificates', { pem: pem.repeat(30), key: good.key }, 'CERTIFICATE_UNREADABLE', '/pem', /more than 20/],
    ['too long', { pem: pem.repeat(400).slice(0, 140_000), key: good.key }, 'INVALID', '/pem'],
    ['key too long', { pem, key: good.key.repeat(200) }, 'INVALID', '/key'],
    ['empty', { pem: '', key: good.key }, 'INVALID', '/pem'],
    ['PEM as a list', { pem: [pem], key: good.key }, 'INVALID', '/pem'],
    ['PEM and PFX', { pem, pfx }, 'NEEDS', '/pem'],
    ['PFX with a wrong pass phrase', { pfx, passphrase: 'x' }, 'KEY_UNREADABLE', '/passphrase', /pass phrase is wrong/],
    ['PFX without its pass phrase', { pfx }, 'KEY_UNREADABLE', '/passphrase'],
    [
      'PFX cut off',
      { pfx: half(pfx).slice(0, -(half(pfx).length % 4) || undefined), passphrase: PASSPHRASE },
      'CERTIFICATE_UNREADABLE',
      '/pfx',
    ],
    ['PFX of garbage', { pfx: randomBytes(600).toString('base64') }, 'CERTIFICATE_UNREADABLE', '/pfx'],
    ['PFX that is no base64', { pfx: 'äöü' }, 'INVALID', '/pfx'],
    ['PFX too long', { pfx: 'A'.repeat(262_145) }, 'INVALID', '/pfx'],
  ];
}
