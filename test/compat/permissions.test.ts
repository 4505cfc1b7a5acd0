import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { generate } from 'selfsigned';
import { Appliance } from '../support/appliance.ts';
import { makePem } from '../support/pem.ts';
import { freePort } from '../support/ports.ts';
import { LoadMasterClient } from './client.ts';

/** What a user may with each permission, by the commands he calls; and that nobody gets or gives more than he has. */

const vs = '127.0.0.1';
const secret = 'a long password';
let appliance: Appliance;
let bal: LoadMasterClient;
let index: unknown;
let server: unknown;
let pem: string;
let issuer: string;

const base64 = (text: string) => Buffer.from(text).toString('base64');

before(async () => {
  appliance = await Appliance.start();
  bal = new LoadMasterClient(appliance);
  ({ Index: index } = await bal.v2('addvs', { vs, port: await freePort(), prot: 'tcp', VStype: 'http' }));
  const { Rs } = (await bal.v2('addrs', { vs: index, rs: vs, rsport: 8080 })) as never as { Rs: { RsIndex: number }[] };
  server = `!${Rs[0]?.RsIndex}`;
  const { chain, key } = await makePem('permissions.example');
  pem = base64(chain + key);
  const made = await generate([{ name: 'commonName', value: 'An issuer' }], {
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  });
  issuer = base64(made.cert);
});
after(() => appliance.stop());

/** A user with these permissions. */
async function user(name: string, perms: string): Promise<LoadMasterClient> {
  assert.equal((await bal.v2('useraddlocal', { user: name, password: secret })).code, 200);
  if (perms) assert.equal((await bal.v2('usersetperms', { user: name, perms })).code, 200);
  return new LoadMasterClient(appliance, name, secret);
}

/** A command for each permission, with what brings it back. Each is a change, or tells a secret. */
const does: Record<string, (client: LoadMasterClient) => Promise<number[]>> = {
  real: async client => [
    (await client.v2('disablers', { rs: vs, rsport: 8080 })).code,
    (await client.v2('enablers', { rs: vs, rsport: 8080 })).code,
  ],
  vs: async client => [
    (await client.v2('modvs', { vs: index, NickName: 'by a user' })).code,
    (await client.v2('modrs', { vs: index, rs: server, weight: 900 })).code,
  ],
  rules: async client => [
    (await client.v2('addrule', { name: 'of_a_user', pattern: 'x' })).code,
    (await client.v2('delrule', { name: 'of_a_user' })).code,
  ],
  certs: async client => [
    (await client.v2('addcert', { cert: 'of_a_user', replace: '0', data: pem })).code,
    (await client.v2('delcert', { cert: 'of_a_user' })).code,
  ],
  cert3: async client => [
    (await client.v2('addintermediate', { cert: 'between', data: issuer })).code,
    (await client.v2('delintermediate', { cert: 'between' })).code,
  ],
  certbackup: async client => [(await client.v2('backupcert', { password: 'for the file' })).code],
  backup: async client => [(await client.v2('backup')).code],
  users: async client => [
    (await client.v2('useraddlocal', { user: 'made', password: secret })).code,
    (await client.v2('userdellocal', { user: 'made' })).code,
  ],
};

/** Permissions that take in what another opens. */
const TAKES_IN: Record<string, string[]> = { vs: ['real'] };

for (const permission of ['', ...Object.keys(does)])
  test(`${permission || 'no permission'}: opens its own commands and no others`, { timeout: 60_000 }, async () => {
    const client = await user(`u_${permission || 'none'}`, permission);
    assert.equal((await client.v2('listvs')).code, 200, 'everybody reads');
    for (const [other, act] of Object.entries(does)) {
      const codes = await act(client);
      const may = other === permission || TAKES_IN[permission]?.includes(other);
      for (const code of codes)
        if (may) assert.equal(code, 200, `${permission} may do ${other}`);
        else assert.equal(code, 403, `${permission} may not do ${other}`);
    }
    for (const command of ['reboot', 'shutdown']) assert.equal((await client.v2(command)).code, 403, command);
    assert.equal((await client.v2('set', { param: 'hostname', value: 'taken' })).code, 403);
  });

test('somebody with the permission users gives no more than he has, and touches nobody above him', async () => {
  const keeper = await user('keeper', 'users,rules');
  await user('boss', 'root');
  await user('helper', '');
  assert.equal((await keeper.v2('usersetperms', { user: 'helper', perms: 'rules' })).code, 200);
  for (const perms of ['root', 'vs', 'real', 'rules,certs', 'certbackup'])
    assert.equal((await keeper.v2('usersetperms', { user: 'helper', perms })).code, 403, perms);
  for (const perms of ['root', 'vs', 'users,rules,vs'])
    assert.equal((await keeper.v2('usersetperms', { user: 'keeper', perms })).code, 403, `himself ${perms}`);
  assert.equal((await bal.v2('usershow', { user: 'helper' })).Perms, 'rules');
  assert.equal((await bal.v2('usershow', { user: 'keeper' })).Perms, 'rules,users');
  for (const [command, parameters] of [
    ['userdellocal', { user: 'boss' }],
    ['userdellocal', { user: 'bal' }],
    ['userchangelocpass', { user: 'boss', password: 'another long one' }],
    ['userchangelocpass', { user: 'bal', password: 'another long one' }],
    ['usersetperms', { user: 'boss', perms: '' }],
    ['usersetsyspassword', { currpassword: 'guess', password: 'another long one' }],
  ] as const)
    assert.ok(
      [403, 422].includes((await keeper.v2(command, parameters)).code),
      `${command} ${JSON.stringify(parameters)}`,
    );
  assert.equal((await bal.v2('usershow', { user: 'boss' })).Perms, 'root');
  assert.equal((await new LoadMasterClient(appliance, 'boss', secret).v2('listvs')).code, 200);
});

test('a key may no more than its user, and less once he does', async () => {
  const client = await user('keyed', 'rules');
  const { apikeys } = (await client.v2('addapikey')) as never as { apikeys?: [string] };
  const key = apikeys?.[0];
  assert.ok(key, 'everybody may have keys of his own');
  const call = async (cmd: string, parameters: object) =>
    (await bal.send('/accessv2', JSON.stringify({ apikey: key, cmd, ...parameters }))).status;
  assert.equal(await call('addrule', { name: 'by_key', pattern: 'x' }), 200);
  assert.equal(await call('modvs', { vs: index, NickName: 'no' }), 403);
  assert.equal((await bal.v2('usersetperms', { user: 'keyed', perms: '' })).code, 200);
  assert.equal(await call('delrule', { name: 'by_key' }), 403);
  assert.equal((await bal.v2('userdellocal', { user: 'keyed' })).code, 200);
  assert.equal(await call('listvs', {}), 401);
});

test('a permission that a LoadMaster has not got is refused', async () => {
  assert.equal((await bal.v2('usersetperms', { user: 'u_none', perms: 'everything' })).message, 'perms: Invalid value');
});
