import { createUser, deleteUser, patchUser } from '../api/handlers/users.ts';
import { digestOf, newToken } from '../api/passwords.ts';
import { validated } from '../api/validated.ts';
import { userName } from '../schema/account.ts';
import { type Ask, type Command, callOf } from './command.ts';
import { mustNotExceed, permissionWords, readPermissions } from './permissions.ts';
import { type Data, done, type Reply } from './reply.ts';
import { Refused } from './wire.ts';

const MOST_KEYS = 16;
const KEY = 'LoadMaster API ';

type Account = ReturnType<typeof userIn>;
const shown = (account: Account): Data => ({ Name: account.name, Perms: permissionWords(account) });

function userIn(ask: Ask) {
  const name = ask.params.need('user');
  const account = ask.services.accounts().find(name);
  if (!account) throw new Refused(422, 'Unknown user');
  return account;
}

/** A native call about that user, as the console makes it. */
const about = (ask: Ask, name: string, body: object) => {
  const call = callOf(ask, 0, body);
  const request = Object.create(call.request, { params: { value: { name } } }) as typeof call.request;
  return { ...call, request };
};

async function add(ask: Ask): Promise<Reply> {
  const name = validated(userName, ask.params.need('user'));
  if (ask.services.accounts().find(name)) throw new Refused(422, 'User already exists.');
  await createUser(callOf(ask, 0, { name, role: 'read-only', password: ask.params.need('password') }));
  keepPassword(ask, name);
  return done;
}

/** A LoadMaster asks nobody for another password at the first log-in, and tools log in at once as the user they made. */
const keepPassword = (ask: Ask, name: string) => ask.services.accounts().update(name, { mustChange: false });

async function setPermissions(ask: Ask): Promise<Reply> {
  const account = userIn(ask);
  const wanted = readPermissions(ask.params.get('perms') ?? '');
  mustNotExceed(ask.principal, account);
  mustNotExceed(ask.principal, wanted);
  await patchUser(about(ask, account.name, { role: wanted.role }));
  ask.services.accounts().update(account.name, wanted);
  return done;
}

async function setPassword(ask: Ask, name: string): Promise<Reply> {
  await patchUser(about(ask, name, { password: ask.params.need('password') }));
  keepPassword(ask, name);
  return done;
}

async function ownPassword(ask: Ask): Promise<Reply> {
  const { services, request, principal, params } = ask;
  const account = services.accounts().find(principal.user);
  const from = [`address ${request.ip}`, `user ${principal.user}`];
  services.lockOut.check(from, Date.now());
  if (!(await services.passwords.matches(account?.passwordHash, params.need('currpassword')))) {
    services.lockOut.fail(from, Date.now());
    throw new Refused(422, 'currpassword: wrong password');
  }
  return setPassword(ask, principal.user);
}

const keysOf = (ask: Ask) =>
  ask.services
    .accounts()
    .keys()
    .filter(({ user, name }) => user === ask.principal.user && name.startsWith(KEY));

/** Keys are stored hashed: after this only their beginning can be shown, and names them for `delapikey`. */
function addKey(ask: Ask): Reply {
  const accounts = ask.services.accounts();
  const old = keysOf(ask);
  for (const { id } of old.slice(0, Math.max(0, old.length + 1 - MOST_KEYS))) accounts.deleteKey(id);
  const key = newToken();
  accounts.createKey(digestOf(key), KEY + key.slice(0, 8), ask.principal.user, ask.principal.role, Date.now());
  return { data: { apikeys: [key] } };
}

const listKeys = (ask: Ask): Reply => ({ data: { apikeys: keysOf(ask).map(({ name }) => name.slice(KEY.length)) } });

function removeKey(ask: Ask): Reply {
  const key = ask.params.need('key');
  const accounts = ask.services.accounts();
  const whole = accounts.keyBySecret(digestOf(key));
  const found = keysOf(ask).find(({ id, name }) => id === whole?.id || name === KEY + key);
  if (!found) throw new Refused(422, 'Unknown API key');
  accounts.deleteKey(found.id);
  return done;
}

export const userCommands: Readonly<Record<string, Command>> = {
  userlist: {
    role: 'administrator',
    about: 'Users and their permissions.',
    params: [],
    run: ({ services }) => ({ data: { User: services.accounts().all().map(shown) } }),
  },
  usershow: {
    role: 'administrator',
    about: 'One user.',
    params: ['user'],
    run: ask => {
      const data = shown(userIn(ask));
      return { data: ask.version === 1 ? { User: data } : data };
    },
  },
  useraddlocal: { role: 'administrator', about: 'Add a user, who may read.', params: ['user', 'password'], run: add },
  userdellocal: {
    role: 'administrator',
    about: 'Delete a user.',
    params: ['user'],
    run: ask => {
      const account = userIn(ask);
      const { name } = account;
      mustNotExceed(ask.principal, account);
      if (name === 'bal') throw new Refused(422, 'User bal cannot be deleted');
      deleteUser(about(ask, name, {}));
      return done;
    },
  },
  userchangelocpass: {
    role: 'administrator',
    about: 'Give a user a password.',
    params: ['user', 'password'],
    run: ask => {
      const account = userIn(ask);
      mustNotExceed(ask.principal, account);
      return setPassword(ask, account.name);
    },
  },
  usersetperms: {
    role: 'administrator',
    about: 'Replace a user’s permissions by these, separated by commas; empty: none.',
    params: ['user', 'perms'],
    run: setPermissions,
  },
  usersetsyspassword: {
    role: 'read-only',
    about: 'Change your own password.',
    params: ['currpassword', 'password'],
    run: ownPassword,
  },
  addapikey: { role: 'read-only', about: 'Make an API key for yourself.', params: [], run: addKey },
  listapikeys: { role: 'read-only', about: 'How your API keys begin.', params: [], run: listKeys },
  delapikey: { role: 'read-only', about: 'Delete an API key of yours.', params: ['key'], run: removeKey },
};
