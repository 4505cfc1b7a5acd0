import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { commands } from '../../server/compat/commands.ts';
import { Appliance } from '../support/appliance.ts';
import { makePem } from '../support/pem.ts';
import { type Answer, LoadMasterClient } from './client.ts';

/**
 * Request and exact reply of every command in both versions, kept as files that people read. `GOLDEN=1` writes them
 * anew. Only times, random values, ports of this run and what depends on the machine are replaced.
 */
const folder = join(import.meta.dirname, 'transcripts');
let appliance: Appliance;
let client: LoadMasterClient;
let pem: { chain: string; key: string };

before(async () => {
  appliance = await Appliance.start();
  client = new LoadMasterClient(appliance);
  pem = await makePem('www.example', 'shop.example');
});
after(() => appliance.stop());

type Step = [command: string, parameters?: Record<string, string>, upload?: () => string];
const place = { vs: '127.0.0.1', port: '18081', prot: 'tcp' };
const server = { vs: '1', rs: '127.0.0.1', rsport: '18090' };

/** In an order in which each finds what it needs; a command comes again for each way to be refused. */
const steps: Step[] = [
  ['listapi'],
  ['listvs'],
  ['addvs'],
  ['addvs', { ...place, vs: 'nonsense' }],
  ['addvs', { vs: '127.0.0.1' }],
  ['addvs', { ...place, NickName: 'wéb <1>', VStype: 'http' }],
  ['addvs', place],
  ['modvs', { vs: '1', Schedule: 'lc', Persist: 'src', PersistTimeout: '3600' }],
  ['modvs', { vs: '1', Schedule: 'nosuch' }],
  ['modvs', { vs: '7' }],
  ['showvs', place],
  ['showvs', { vs: '9' }],
  ['showvs'],
  ['addrs', { ...server, weight: '5' }],
  ['addrs', server],
  ['addrs', { vs: '1' }],
  ['modrs', { vs: '1', rs: '!1', limit: '9' }],
  ['modrs', { vs: '1', rs: '!8' }],
  ['showrs', { vs: '1', rs: '!1' }],
  ['showrs', { vs: '1', rs: '!8' }],
  ['disablers', { rs: '127.0.0.1' }],
  ['enablers', { rs: '127.0.0.1' }],
  ['enablers', { rs: '192.0.2.1' }],
  ['addrule'],
  ['addrule', { name: 'a b', pattern: 'x' }],
  ['addrule', { name: 'm1', pattern: '^/a' }],
  ['addrule', { name: 'm1', pattern: '^/a' }],
  ['addrule', { name: 'h1', type: '1', header: 'X-A', replacement: 'b' }],
  ['addrule', { name: 'd1', type: '2', pattern: 'X-B' }],
  ['addrule', { name: 'p1', type: '3', header: 'X-C', pattern: 'a', replacement: 'b' }],
  ['addrule', { name: 'u1', type: '4', pattern: '^/old', replacement: '/new' }],
  ['addrule', { name: 'b1', type: '5', pattern: 'here', replacement: 'there' }],
  ['modrule', { name: 'm1', pattern: '/b', matchtype: 'prefix' }],
  ['modrule', { name: 'no' }],
  ['showrule'],
  ['showrule', { name: 'm1' }],
  ['showrule', { name: 'no' }],
  ['addrsrule', { ...server, rule: 'h1' }],
  ['addrsrule', { ...server, rule: 'm1' }],
  ['delrsrule', { ...server, rule: 'm1' }],
  ['delrsrule', { ...server, rule: 'm1' }],
  ['addprerule', { vs: '1', rule: 'm1' }],
  ['addprerule', { vs: '1', rule: 'h1' }],
  ['addrequestrule', { vs: '1', rule: 'u1' }],
  ['addresponserule', { vs: '1', rule: 'h1' }],
  ['addresponsebodyrule', { vs: '1', rule: 'b1' }],
  ['showvs', { vs: '1' }],
  ['delprerule', { vs: '1', rule: 'm1' }],
  ['delrequestrule', { vs: '1', rule: 'u1' }],
  ['delresponserule', { vs: '1', rule: 'h1' }],
  ['delresponsebodyrule', { vs: '1', rule: 'b1' }],
  ['delrequestrule', { vs: '1', rule: 'no' }],
  ['delrule', { name: 'm1' }],
  ['delrule', { name: 'm1' }],
  ['delrs', { vs: '1', rs: '!1' }],
  ['delrs', { vs: '1', rs: '!1' }],
  ['modvs', { vs: '1', createsubvs: '' }],
  ['showvs', { vs: '3' }],
  ['showrs', { vs: '1', rs: '!1000003' }],
  ['vstotals'],
  ['dupvs', { vs: '1', newvs: '127.0.0.1', newport: '18082' }],
  ['dupvs', { vs: '1' }],
  ['uploadvserrfile', { vs: '1' }, () => '<p>sorry</p>'],
  ['exportvstmplt', { vs: '4' }],
  ['listvs'],
  ['delvs', { vs: '4' }],
  ['delvs', { vs: '1' }],
  ['delvs', { vs: '1' }],
  ['listcert'],
  ['addcert', { cert: 'shop', replace: '0' }, () => pem.chain + pem.key],
  ['addcert', { cert: 'shop', replace: '0' }, () => pem.chain + pem.key],
  ['addcert', { cert: 'shop', replace: '1' }, () => pem.chain],
  ['addcert', { cert: 'x' }],
  ['listcert'],
  ['readcert', { cert: 'shop' }],
  ['readcert', { cert: 'no' }],
  ['delcert', { cert: 'no' }],
  ['delcert', { cert: 'shop' }],
  ['listintermediate'],
  ['addintermediate', { cert: 'ca' }, () => 'nonsense'],
  ['readintermediate', { cert: 'no' }],
  ['delintermediate', { cert: 'no' }],
  ['modifycipherset', { name: 'own', value: 'ECDHE-RSA-AES128-GCM-SHA256' }],
  ['modifycipherset', { name: 'own', value: 'NO' }],
  ['modifycipherset', { name: 'Default', value: 'x' }],
  ['getcipherset', { name: 'own' }],
  ['getcipherset', { name: 'no' }],
  ['delcipherset', { name: 'own' }],
  ['delcipherset', { name: 'own' }],
  ['aclcontrol', { isenabled: '' }],
  ['aclcontrol', { isdrop: '' }],
  ['aclcontrol', { isifblock: '' }],
  ['aclcontrol', { iswuiblock: '' }],
  ['aclcontrol', { add: 'block', addr: '192.0.2.7/32', comment: 'why' }],
  ['aclcontrol', { add: 'block', addr: 'x' }],
  ['aclcontrol', { list: 'block' }],
  ['aclcontrol', { list: 'black' }],
  ['aclcontrol', { del: 'block', addr: '192.0.2.7/32' }],
  ['aclcontrol', { list: 'block' }],
  ['aclcontrol', { enable: '0' }],
  ['aclcontrol'],
  ...(['clientcpslimit', 'clientrpslimit', 'clientmaxclimit', 'afeclientlimit'] as const).flatMap((name): Step[] => [
    [`${name}add`, { l7addr: '192.0.2.7', l7limit: '5' }],
    [`${name}list`],
    [`${name}del`, { l7addr: '192.0.2.7' }],
    [`${name}del`, { l7addr: '192.0.2.7' }],
  ]),
  ['addlimitrule', { name: 'bots', pattern: 'bot', limit: '5', match: '66' }],
  ['addlimitrule', { name: 'b', pattern: 'x', limit: '1' }],
  ['modlimitrule', { name: 'bots', limit: '7' }],
  ['movelimitrule', { name: 'b', position: '1' }],
  ['listlimitrules'],
  ['dellimitrule', { name: 'b' }],
  ['dellimitrule', { name: 'b' }],
  ['dellimitrule', { name: 'bots' }],
  ['showiface'],
  ['showiface', { interface: '1' }],
  ['modiface', { interface: '1' }],
  ['addadditional', { interface: '1', addr: '10.0.0.1/24' }],
  ['deladditional', { interface: '1', addr: '10.0.0.1/24' }],
  ['showroute'],
  ['addroute', { dest: 'x', gateway: 'y' }],
  ['delroute', { dest: '10.9.0.0/16' }],
  ['addhostsentry', { hostip: '10.0.0.7', hostfqdn: 'owa.example.net' }],
  ['addhostsentry', { hostip: 'x', hostfqdn: 'y' }],
  ['gethosts'],
  ['delhostsentry', { hostip: '10.0.0.7' }],
  ['delhostsentry', { hostip: '10.0.0.7' }],
  ['useraddlocal', { user: 'anna', password: 'a long password' }],
  ['useraddlocal', { user: 'anna', password: 'a long password' }],
  ['useraddlocal', { user: 'bert', password: 'short' }],
  ['usersetperms', { user: 'anna', perms: 'real' }],
  ['usersetperms', { user: 'anna', perms: 'vs,rules' }],
  ['userlist'],
  ['usershow', { user: 'anna' }],
  ['usershow', { user: 'no' }],
  ['userchangelocpass', { user: 'anna', password: 'another password' }],
  ['userdellocal', { user: 'bal' }],
  ['userdellocal', { user: 'anna' }],
  ['usersetsyspassword', { currpassword: 'wrong', password: 'x' }],
  ['listapikeys'],
  ['addapikey'],
  ['listapikeys'],
  ['delapikey', { key: 'no' }],
  ['backup'],
  ['restore', { type: '15' }, () => 'nonsense'],
  ['listtemplates'],
  ['uploadtemplate', {}, () => '{}'],
  ['deltemplate', { name: 'no' }],
  ['stats'],
  ['get', { param: 'version' }],
  ['get', { param: 'finalpersist' }],
  ['get', { param: 'no' }],
  ['get'],
  ['set', { param: 'finalpersist', value: '120' }],
  ['set', { param: 'finalpersist', value: 'x' }],
  ['set', { param: 'no', value: '1' }],
  ['set', { param: 'havhid', value: '7' }],
  ['set', { param: 'havhid', value: '256' }],
  ['get', { param: 'hamode' }],
  ['getall'],
  ['showhealth'],
  ['modhealth', { RetryCount: '3', RetryInterval: '20' }],
  ['modhealth', { RetryCount: '99' }],
  ['showadaptive'],
  ['modadaptive', { MinPercent: '7' }],
  ['licenseinfo'],
  ['360/licenseinfo'],
  ['addvlan', { interface: '1', vlanid: '7' }],
  ['delvlan', { interface: '1' }],
  ['createbond', { interface: '1' }],
  ['unbond', { interface: '1' }],
  ['addbond', { interface: '1', bond: '2' }],
  ['delbond', { interface: '1', bond: '2' }],
  ['addvs', { ...place, VStype: 'http', NickName: 'with rules' }],
  ['addowaspcustomrule', { filename: 'bots' }, () => 'SecRule ARGS "@rx wéb" "id:1,deny"'],
  ['addowaspcustomrule', { filename: 'bots' }, () => 'SecRule ARGS "@rx x" "id:1,deny"'],
  ['addowaspcustomrule', { filename: '../x' }, () => 'x'],
  ['addowaspcustomrule', { filename: 'empty' }],
  ['downloadowaspcustomrule', { filename: 'bots' }],
  ['downloadowaspcustomrule', { filename: 'no' }],
  ['addowaspcustomdata', { filename: 'words.txt' }, () => 'ä'],
  ['downloadowaspcustomdata', { filename: 'words.txt' }],
  ['delowaspcustomdata', { filename: 'words' }],
  ['delowaspcustomdata', { filename: 'words' }],
  ['owasprules', { ...place, rule: '913100' }],
  ['owasprules', { ...place, rule: '913100', enable: 'yes', runfirst: '1' }],
  ['owasprules', { ...place, rule: '913100' }],
  ['owasprules', { ...place, rule: 'bots', enable: 'no' }],
  ['owasprules', { ...place, rule: 'bots' }],
  ['owasprules', { ...place, rule: 'no' }],
  ['owasprules', { ...place, filter: 'bots' }],
  ['delowaspcustomrule', { filename: 'bots' }],
  ['addwafcustomrule', { filename: 'old' }, () => 'SecRule'],
  ['addwafcustomrule', { filename: 'old' }, () => 'SecRule'],
  ['downloadwafcustomrule', { filename: 'old' }],
  ['addwafcustomdata', { filename: 'old.txt' }, () => 'x'],
  ['downloadwafcustomdata', { filename: 'old.txt' }],
  ['listwafrules'],
  ['vsaddwafrule', { ...place, rule: 'C/old' }],
  ['vsaddwafrule', { vs: '127.0.0.1', rule: 'C/old' }],
  ['vsaddwafrule', { ...place, rule: 'G/none' }],
  ['vslistwafruleids', { ...place, rule: 'C/old' }],
  ['vsremovewafrule', { ...place, rule: 'C/old' }],
  ['vsremovewafrule', { ...place, rule: 'C/old' }],
  ['delwafcustomdata', { filename: 'old' }],
  ['delwafcustomrule', { filename: 'old' }],
  ['delvs', place],
  ['addcert', { cert: 'kept' }, () => pem.chain + pem.key],
  ['backupcert', { password: 'short' }],
  ['backupcert', { password: 'long enough' }],
  ['restorecert', { password: 'long enough', type: 'full' }, () => 'nonsense'],
  ['restorecert', { password: 'long enough', type: 'no' }, () => 'nonsense'],
  ...(['le', 'acme'] as const).flatMap((by): Step[] => {
    const acmetype = by === 'acme' ? { acmetype: '2' } : undefined;
    return [
      [`${by}accountinfo`, { ...acmetype }],
      [`add${by}cert`, { cert: 'www', cn: 'www.example.net', ...acmetype }],
      [`register${by}account`, { email: 'admin@example.net', ...acmetype }],
      [`${by}accountinfo`, { ...acmetype }],
      [`fetch${by}account`, { ...acmetype }, () => 'nonsense'],
      [`add${by}cert`, { cert: 'www', cn: 'www.example.net', ...acmetype }],
      [`list${by}cert`, { ...acmetype }],
      [`get${by}cert`, { cert: 'no', ...acmetype }],
      [`renew${by}cert`, { cert: 'no', ...acmetype }],
      [`del${by}cert`, { cert: 'no', ...acmetype }],
    ];
  }),
  ['getacmedirectoryurl'],
  ['setacmedirectoryurl', { directoryurl: 'https://acme.example.net/dir' }],
  ['setacmedirectoryurl', { directoryurl: 'nonsense' }],
  ['getacmerenewperiod'],
  ['setacmerenewperiod', { renewperiod: '20' }],
  ['setacmekid', { kid: 'k1', acmetype: '2' }],
  ['getacmekid', { acmetype: '2' }],
  ['setacmehmac', { hmac: 'c2VjcmV0', acmetype: '2' }],
  ['getacmehmac', { acmetype: '2' }],
  ['getacmehmac', { acmetype: '3' }],
  ['delacmeconfig', { acmetype: '2' }],
  ['delacmeconfig', { acmetype: '2' }],
  ...['meminfo', 'cpuinfo', 'interrupts', 'partitions', 'lsmod', 'netstat', 'ifconfig', 'ps', 'top', 'df'].map(
    (name): Step => [`logging.${name}`],
  ),
  ['logging.ping', { addr: '127.0.0.1' }],
  ['logging.ping', { addr: '-f' }],
  ['logging.ping6', { addr: '::1' }],
  ['logging.traceroute', { addr: '127.0.0.1' }],
  ['logging.listsyslogfiles'],
  ['logging.savelogs', { fsel: 'events' }],
  ['logging.savelogs', { fsel: '../passwd' }],
  ['logging.downloadlogs'],
  ['logging.clearlogs'],
  ['logging.resetlogs'],
  ['logging.resetstats'],
  ['tcpdump', { interface: 'lo', maxtime: '1', maxpackets: '1' }],
  ['tcpdump', { interface: 'lo', maxtime: '9000' }],
  ['tcpdump', { interface: 'no such', maxtime: '1' }],
  ['reboot'],
  ['shutdown'],
  ['nosuchcommand'],
  ['set', { param: 'enableapi', value: 'no' }],
  ['listvs'],
];

test('every command is among them', () => {
  const walked = new Set(steps.map(([name]) => name));
  assert.deepEqual(
    Object.keys(commands).filter(name => !walked.has(name)),
    [],
  );
});

for (const version of [1, 2] as const)
  test(`transcript of version ${version}`, { timeout: 120_000 }, async () => {
    const lines: string[] = [];
    // Both versions begin with nothing, so that numbers are the same.
    const fresh = version === 1 ? appliance : await Appliance.start();
    const caller = version === 1 ? client : new LoadMasterClient(fresh);
    try {
      for (const [name, parameters = {}, upload] of steps) {
        const data = upload?.();
        const said = JSON.stringify({ ...parameters, ...(data && { data: '(file)' }) });
        const reply =
          version === 1
            ? await caller.v1(name.replace('.', '/'), parameters, data)
            : await caller.send(
                '/accessv2',
                JSON.stringify({
                  apiuser: caller.user,
                  apipass: caller.password,
                  cmd: name,
                  ...parameters,
                  ...(data && { data: Buffer.from(data).toString('base64') }),
                }),
              );
        const head = name === 'logging.lsmod' ? '' : `< ${reply.status} ${reply.type}`;
        lines.push(`> ${name} ${said}`, head, normal(name, reply, fresh.port), '');
      }
    } finally {
      if (version === 2) await fresh.stop();
    }
    const file = join(folder, `v${version}.txt`);
    const text = `${lines.join('\n')}\n`;
    if (process.env.GOLDEN === '1') {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, text);
    }
    assert.equal(text, readFileSync(file, 'utf8'));
  });

const VOLATILE = [
  'Status',
  'boottime',
  'activetime',
  'time',
  'hostname',
  'modulus',
  'publickey',
  'key',
  'certificate',
  'data',
  'apikeys',
  'CPU',
  'Memory',
  'Network',
  'DiskUsage',
  'VStotals',
  'TPS',
  'Timestamp',
  'ChangeTime',
];

/** What differs from run to run, by its name. */
function normal(command: string, { status, type, text }: Answer, port: number): string {
  // A kernel without modules has none to show.
  if (command === 'logging.lsmod') return '(what it says)';
  if (status === 200 && /^(?:logging\.(?!list|reset)|tcpdump|backupcert)/.test(command))
    return type.startsWith('application/json') ? '{(what it says)}' : '(what it says)';
  const plain = text.replaceAll(String(port), '(port)');
  if (text.startsWith('{"code"'))
    return JSON.stringify(
      JSON.parse(text, (name, value) => (VOLATILE.includes(name) && value !== '' ? `(${name})` : value)),
    ).replaceAll(`:${port},`, ':"(port)",');
  return VOLATILE.reduce(
    (xml, name) => xml.replaceAll(new RegExp(`<${name}>.*?</${name}>`, 'gs'), `<${name}>(${name})</${name}>`),
    plain,
  )
    .replace(/<Data>-----BEGIN[^<]*<\/Data>/, '<Data>(certificate)</Data>')
    .replace(/^\{"format":"ballast-configuration".*\}$/s, '(configuration)');
}
