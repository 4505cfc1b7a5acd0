import { certificateCases } from './bad-input-certificates.ts';
import { type BadInput, type Ground, type Method, type Row, table } from './bad-input-ground.ts';
import { shapes, values } from './bad-input-shapes.ts';
import { addresses, relations, texts } from './bad-input-texts.ts';

/** Every kind of input that must be refused, against an appliance prepared by bad-input-ground.ts. */
export const casesOf = (ground: Ground): BadInput[] => [
  ...shapes(ground),
  ...values(ground),
  ...texts(ground),
  ...addresses(ground),
  ...relations(ground),
  ...certificateCases(ground),
  ...people(),
  ...requests(ground),
];

/** Users and keys. */
function people(): BadInput[] {
  const good = { name: 'anna', role: 'operator', password: 'twelve letters and more' };
  const names = ['Anna', 'a', '1anna', 'an na', 'anna\n', 'ännä', 'anna"', '../anna', 'x'.repeat(33), '', 'a\0b'];
  return [
    ...table('POST', '/api/users', [
      ...names.map((name): Row => [`name ${JSON.stringify(name)}`, { ...good, name }, 'INVALID', '/name']),
      ['a name that is taken', { ...good, name: 'bal' }, 'NAME_TAKEN', '/name'],
      ['unknown role', { ...good, role: 'root' }, 'INVALID', '/role'],
      ['a short password', { ...good, password: 'short' }, 'WEAK_PASSWORD', '/password'],
      ['an empty password', { ...good, password: '' }, 'INVALID', '/password'],
      ['a password of 257 characters', { ...good, password: 'x'.repeat(257) }, 'INVALID', '/password'],
      ['a password that is a number', { ...good, password: 123_456_789_012 }, 'INVALID', '/password'],
      ['no password', { name: 'anna', role: 'operator' }, 'INVALID', '/password'],
    ]),
    ...table('PATCH', '/api/users/bal', [
      ['the last administrator demoted', { role: 'operator' }, 'LAST_ADMINISTRATOR'],
      ['the last administrator shut out', { enabled: false }, 'LAST_ADMINISTRATOR'],
      ['a short password', { password: 'short' }, 'WEAK_PASSWORD', '/password'],
      ['nothing', {}, 'INVALID', ''],
    ]),
    ...table('PATCH', '/api/users/nobody', [['one that is not there', { enabled: true }, 'NOT_FOUND']]),
    ...table('DELETE', '/api/users/bal', [['the last administrator', undefined, 'LAST_ADMINISTRATOR']]),
    ...table('POST', '/api/keys', [
      ['for nobody', { name: 'k', user: 'nobody', role: 'operator' }, 'UNKNOWN_REFERENCE', '/user'],
      ['name with a line feed', { name: 'k\n', user: 'bal', role: 'operator' }, 'INVALID', '/name'],
      ['name empty', { name: '', user: 'bal', role: 'operator' }, 'INVALID', '/name'],
    ]),
    ...table('DELETE', '/api/keys/424242', [['one that is not there', undefined, 'NOT_FOUND']]),
    ...table('POST', '/api/session', [
      ['a user that is a list', { user: ['bal'], password: 'x' }, 'INVALID', '/user'],
      ['no password', { user: 'bal' }, 'INVALID', '/password'],
    ]),
  ];
}

/** Numbers in paths, queries and headers. */
function requests({ service, server, certificate }: Ground): BadInput[] {
  const name = { name: 'other' };
  const path = `/api/virtual-services/${service}`;
  const odd = [
    'abc',
    '-1',
    '1.5',
    '0x1',
    '1e0',
    '01',
    '+1',
    '1%20or%201=1',
    '99999999999999999999',
    '%00',
    `${service};`,
  ];
  const missing = ['/api/virtual-services/424242', '/api/real-servers/424242', '/api/certificates/424242'];
  const text = { 'content-type': 'text/plain' };
  return [
    ...odd.flatMap(id => table('PATCH', `/api/virtual-services/${id}`, [['no number', name, 'INVALID', '/id']])),
    ...odd.flatMap(id => table('DELETE', `/api/real-servers/${id}`, [['no number', undefined, 'INVALID', '/id']])),
    ...missing.flatMap(one => table('DELETE', one, [['not there', undefined, 'NOT_FOUND']])),
    ...table('PATCH', '/api/virtual-services/424242', [['not there', name, 'NOT_FOUND']]),
    ...table('PATCH', '/api/real-servers/424242', [['not there', { weight: 1 }, 'NOT_FOUND']]),
    ...table('POST', '/api/virtual-services/424242/real-servers', [
      ['not there', { address: '192.0.2.9', port: 1 }, 'NOT_FOUND'],
    ]),
    ...table('POST', '/api/virtual-services/424242/enabled', [['not there', { enabled: true }, 'NOT_FOUND']]),
    ...table('POST', '/api/revisions/424242/restore', [['not there', undefined, 'NOT_FOUND']]),
    ...table('PUT' as Method, path, [['no such call', name, 'NO_SUCH_PAGE']]),
    ...table('POST', `${path}/delete`, [['no such call', undefined, 'NO_SUCH_PAGE']]),
    ...table('PATCH', `${path}/`, [['a slash too many', name, 'NO_SUCH_PAGE']]),
    ...['dryRun=maybe', 'dryRun=', 'dryRun=1', 'dryRun=TRUE', 'dryRun=true&dryRun=false'].flatMap(query =>
      table('PATCH', `${path}?${query}`, [['no answer to a yes or no', name, 'INVALID', '/dryRun']]),
    ),
    ...table('PATCH', `${path}?dryrun=true`, [['a misspelt question', name, 'INVALID', '/dryrun']]),
    ...table('DELETE', `/api/certificates/${certificate}?force=true`, [
      ['an unknown one', undefined, 'INVALID', '/force'],
    ]),
    ...['5', '*', '"-1"', 'W/"1"', '"1", "2"', '""'].map(match => ({
      ...(table('PATCH', path, [[`If-Match ${match}`, name, 'INVALID', undefined, /If-Match/]])[0] as BadInput),
      headers: { 'if-match': match },
    })),
    {
      ...(table('PATCH', path, [['If-Match of another revision', name, 'REVISION_MOVED']])[0] as BadInput),
      headers: { 'if-match': '"424242"' },
    },
    {
      ...(table('PATCH', `/api/real-servers/${server}`, [
        ['plain text', '{"weight":1}', 'UNSUPPORTED_TYPE'],
      ])[0] as BadInput),
      headers: text,
    },
    {
      ...(table('PATCH', path, [['a form', 'name=other', 'UNSUPPORTED_TYPE']])[0] as BadInput),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
  ];
}

/** Odd values that are allowed: [what, body for a patch of a service]. None may change more than it says. */
export const harmless: [string, object | string][] = [
  ['name with everything printable', { name: `"a' \\ $x # ; %[src] ü 漢 😀 <b>` }],
  ['name with half a character', { name: 'half \ud800' }],
  [
    'message with everything',
    { unavailableMessage: `"quoted" 'single' \\ %[src] %{+Q}o $HOME # ; \n\ttab\n ü 漢 😀 \u2028 </html>` },
  ],
  ['message of 2048 characters', { unavailableMessage: '"'.repeat(2_048) }],
  [
    'redirect with what a URL may hold',
    { unavailableAction: 'redirect', redirectUrl: `https://a.example/?q='";\\$x#%20&{}[]|%h%s%[src]` },
  ],
  ['check URL with what a URL may hold', { checkType: 'http', checkUrl: `/?q='";\\$x#%20&{}[]|%[src]` }],
  ['check host in brackets', { checkType: 'http', checkHost: '[2001:db8::1]:80' }],
  ['port in another notation of numbers', '{"idleTimeout":1e2}'],
  ['minus zero', '{"checkPort":-0}'],
];
