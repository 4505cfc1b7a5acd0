import { X509Certificate } from 'node:crypto';
import {
  changeAcmeCertificate,
  listAcmeCertificates,
  orderAcmeCertificate,
  renewAcmeCertificate,
} from '../api/handlers/acme.ts';
import { deleteCertificate } from '../api/handlers/certificates.ts';
import { plainHandlers } from '../api/handlers/plain.ts';
import { validated } from '../api/validated.ts';
import type { AcmeAccount } from '../schema/acme-account.ts';
import { acmeCalls } from '../schema/acme-calls.ts';
import type { Certificate } from '../schema/certificate.ts';
import { createOf, patchOf } from '../schema/derive.ts';
import { usersOf } from '../schema/users-of.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
import { type Data, done, type Reply } from './reply.ts';
import { own, Refused, wholeOf } from './wire.ts';

/** A LoadMaster has one account with each of two authorities; here they are accounts of these names. */
const AUTHORITIES = {
  1: { name: 'LetsEncrypt', directory: 'https://acme-v02.api.letsencrypt.org/directory' },
  2: { name: 'DigiCert', directory: 'https://acme.digicert.com/v2/acme/directory/' },
} as const;
const newAccount = createOf('acmeAccount');
const accountPatch = patchOf('acmeAccount');
const order = acmeCalls.orderAcmeCertificate.body;

function authorityOf(ask: Ask) {
  const type = ask.params.get('acmetype') ?? '1';
  const found = own(AUTHORITIES as Readonly<Record<string, (typeof AUTHORITIES)[1 | 2]>>, type);
  if (!found) throw new Refused(422, 'acmetype: Invalid value');
  return { type, ...found };
}

const accountIn = (ask: Ask): AcmeAccount | undefined =>
  treeOf(ask).acmeAccounts.find(({ name }) => name === authorityOf(ask).name);

function needAccount(ask: Ask): AcmeAccount {
  const account = accountIn(ask);
  if (!account) throw new Refused(422, 'No ACME account is registered');
  return account;
}

/** Makes the account, or changes the one there is. Whoever calls this agrees to the authority's terms, as on a LoadMaster. */
async function putAccount(ask: Ask, more: Partial<AcmeAccount>): Promise<Reply> {
  const { type: _, ...usual } = authorityOf(ask);
  const there = accountIn(ask);
  if (there) await plainHandlers.patchAcmeAccount(callOf(ask, there.id, validated(accountPatch, more)));
  else
    await plainHandlers.createAcmeAccount(
      callOf(ask, 0, validated(newAccount, { ...usual, termsAgreed: true, ...more })),
    );
  return done;
}

function register(ask: Ask): Promise<Reply> {
  ask.params.given.set('email', 'email');
  return putAccount(ask, { email: ask.params.get('email') ?? '', termsAgreed: true });
}

/** A LoadMaster takes an archive of its own making; what an account is, here as there, is its key. */
function fetchAccount(ask: Ask): Promise<Reply> {
  if (!ask.file.includes('PRIVATE KEY-----')) throw new Refused(422, 'data: the account’s key as PEM is needed');
  ask.params.given.set('key', 'data');
  return putAccount(ask, { key: ask.file.toString('latin1').replaceAll('\r', ''), url: '' });
}

const wrapped = (ask: Ask, data: Data): Reply => ({ data: ask.version === 2 ? { Data: data } : data });

function accountInfo(ask: Ask): Reply {
  const { url, directory, email } = needAccount(ask);
  const AccountType = authorityOf(ask).name;
  return wrapped(ask, { AccountType, AccountID: url, AccountDirectory: directory, AccountEmail: email });
}

function certificateIn(ask: Ask): Certificate {
  const name = ask.params.need('cert');
  const account = accountIn(ask)?.id;
  const found = treeOf(ask).certificates.find(one => one.name === name && one.acmeAccount === account);
  if (!found || account === undefined) throw new Refused(422, 'Unknown ACME cert');
  return found;
}

/** The order runs in the background. The service that answers the authority is found by itself: `vid` need not be right. */
async function add(ask: Ask): Promise<Reply> {
  const { params } = ask;
  const name = params.need('cert');
  if (treeOf(ask).certificates.some(one => one.name === name)) throw new Refused(422, 'Certificate already exists');
  const sans = Array.from({ length: 10 }, (_, at) => params.get(`san${at + 1}`) ?? '').filter(text => text !== '');
  const names = [params.need('cn'), ...sans].map(text => text.toLowerCase());
  params.given.set('name', 'cert').set('names', 'cn');
  const body = { name, account: needAccount(ask).id, names: [...new Set(names)] };
  await orderAcmeCertificate(callOf(ask, 0, validated(order, body)));
  return done;
}

function renew(ask: Ask): Reply {
  renewAcmeCertificate(callOf(ask, certificateIn(ask).id, {}));
  return done;
}

async function remove(ask: Ask): Promise<Reply> {
  const { id } = certificateIn(ask);
  if (usersOf(treeOf(ask), 'certificate', id).length > 0) throw new Refused(422, 'Certfile still associated with a VS');
  await deleteCertificate(callOf(ask, id, {}));
  return done;
}

function shown(ask: Ask, { id, name, acmeNames, chain }: Certificate): Data {
  const leaf = chain ? new X509Certificate(chain) : undefined;
  const [cn = '', ...sans] = acmeNames;
  return {
    Identifier: name,
    DomainName: cn,
    ExpiryDate: leaf?.validTo ?? '',
    SubjectAlternateNames: sans.join(' '),
    Type: leaf?.publicKey.asymmetricKeyType === 'rsa' ? 'RSA' : 'ECC',
    KeySize: String(leaf?.publicKey.asymmetricKeyDetails?.modulusLength ?? 256),
    HTTPChallengeVS: '',
    VirtualServices: usersOf(treeOf(ask), 'certificate', id)
      .map(({ object }) => object.id)
      .join(' '),
  };
}

function list(ask: Ask): Reply {
  const account = accountIn(ask)?.id ?? 0;
  const ours = new Set(
    listAcmeCertificates(callOf(ask, 0, {}))
      .filter(one => account > 0 && one.account === account)
      .map(({ id }) => id),
  );
  return {
    data: {
      cert: treeOf(ask)
        .certificates.filter(({ id }) => ours.has(id))
        .map(one => shown(ask, one)),
    },
  };
}

/** The period belongs to a certificate here: to set it changes those there are. */
async function setRenewal(ask: Ask): Promise<Reply> {
  const days = wholeOf(ask.params.need('renewperiod'), 'renewperiod');
  if (days < 1 || days > 60) throw new Refused(422, 'renewperiod: 1 to 60');
  const { id } = needAccount(ask);
  const ours = treeOf(ask).certificates.filter(one => one.acmeAccount === id);
  if (ours.length === 0) throw new Refused(422, 'renewperiod: there is no certificate it could be set for yet');
  for (const one of ours) await changeAcmeCertificate(callOf(ask, one.id, { renewDays: days }));
  return done;
}

const getRenewal = (ask: Ask): Reply => {
  const account = accountIn(ask)?.id;
  const first = treeOf(ask).certificates.find(one => account !== undefined && one.acmeAccount === account);
  return { data: { renewperiod: first?.renewDays ?? 30 } };
};

async function forget(ask: Ask): Promise<Reply> {
  const { id } = needAccount(ask);
  await plainHandlers.deleteAcmeAccount(callOf(ask, id, {}));
  return done;
}

/** A property of the account by its parameter. */
const setter = (parameter: string, property: 'directory' | 'keyId' | 'hmac') => (ask: Ask) => {
  ask.params.given.set(property, parameter);
  return putAccount(ask, { [property]: ask.params.need(parameter) });
};
const getter = (parameter: string, read: (account: AcmeAccount | undefined, ask: Ask) => string) => (ask: Ask) => ({
  data: { [parameter]: read(accountIn(ask), ask) },
});

const ROLE = { role: 'administrator' } as const;
const READ = { role: 'read-only' } as const;
const T = 'acmetype?';
const directory = (account: AcmeAccount | undefined, ask: Ask) => account?.directory ?? authorityOf(ask).directory;
const SANS = Array.from({ length: 10 }, (_, at) => `san${at + 1}?`);

/** The same commands have other names since there is a second authority; the older ones mean the first. */
function both(
  name: (by: string) => string,
  { params, ...command }: Omit<Command, 'params'> & { params: readonly string[] },
): Record<string, Command> {
  return { [name('le')]: { ...command, params }, [name('acme')]: { ...command, params: [...params, T] } };
}

export const acmeCommands: Readonly<Record<string, Command>> = {
  ...both(by => `register${by}account`, {
    ...ROLE,
    about: 'Make the account with an ACME authority, agreeing to its terms.',
    params: ['email?'],
    run: register,
  }),
  ...both(by => `fetch${by}account`, {
    ...ROLE,
    about: 'Take over an account by its key.',
    params: ['password?', 'data'],
    run: fetchAccount,
  }),
  ...both(by => `${by}accountinfo`, { ...READ, about: 'The account.', params: [], run: accountInfo }),
  ...both(by => `add${by}cert`, {
    ...ROLE,
    about: 'Have a certificate issued; the order runs in the background.',
    params: ['cert', 'cn', 'vid?', ...SANS],
    run: add,
  }),
  ...both(by => `renew${by}cert`, { ...ROLE, about: 'Order a new one now.', params: ['cert'], run: renew }),
  ...both(by => `del${by}cert`, {
    ...ROLE,
    about: 'Delete such a certificate that nothing uses.',
    params: ['cert'],
    run: remove,
  }),
  ...both(by => `list${by}cert`, { ...READ, about: 'Certificates of the account.', params: [], run: list }),
  ...both(by => `get${by}cert`, {
    ...READ,
    about: 'One of them.',
    params: ['cert'],
    run: ask => wrapped(ask, shown(ask, certificateIn(ask))),
  }),
  getacmedirectoryurl: {
    ...READ,
    about: 'Where the authority’s directory is.',
    params: [T],
    run: getter('directoryurl', directory),
  },
  setacmedirectoryurl: {
    ...ROLE,
    about: 'Set it; makes the account.',
    params: ['directoryurl', T],
    run: setter('directoryurl', 'directory'),
  },
  getacmerenewperiod: { ...READ, about: 'Days before its end that one is renewed.', params: [T], run: getRenewal },
  setacmerenewperiod: {
    ...ROLE,
    about: 'Set it for the certificates there are.',
    params: ['renewperiod', T],
    run: setRenewal,
  },
  getacmekid: { ...READ, about: 'The key id.', params: [T], run: getter('kid', account => account?.keyId ?? '') },
  setacmekid: { ...ROLE, about: 'Set the key id.', params: ['kid', T], run: setter('kid', 'keyId') },
  getacmehmac: {
    ...READ,
    about: 'Whether there is an HMAC key; never the key.',
    params: [T],
    run: getter('hmac', account => (account?.hmac ? '********' : '')),
  },
  setacmehmac: { ...ROLE, about: 'Set the HMAC key.', params: ['hmac', T], run: setter('hmac', 'hmac') },
  delacmeconfig: { ...ROLE, about: 'Forget the account.', params: [T], run: forget },
};
