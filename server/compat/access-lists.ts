import { patchSettings } from '../api/handlers/settings.ts';
import { patchVirtualService } from '../api/handlers/virtual-services.ts';
import { validated } from '../api/validated.ts';
import { settingsOf } from '../schema/config.ts';
import { patchOf } from '../schema/derive.ts';
import { isAddress } from '../schema/rules.ts';
import { type Ask, type Command, callOf, treeOf } from './command.ts';
import { type Data, done, type Reply } from './reply.ts';
import { serviceOf } from './tree.ts';
import { own, type Params, Refused } from './wire.ts';

const settingsPatch = patchOf('settings');
const servicePatch = patchOf('virtualService');

/** Old and new words for the two lists: the property, and what version 1 calls the element. */
const LISTS: Record<string, readonly ['blockList' | 'allowList', string]> = {
  block: ['blockList', 'Blocklist'],
  black: ['blockList', 'Blacklist'],
  allow: ['allowList', 'Allowlist'],
  white: ['allowList', 'Whitelist'],
};

function listNamed(word: string, parameter: string) {
  const list = own(LISTS, word.toLowerCase());
  if (!list) throw new Refused(422, `${parameter}: Invalid value`);
  return list;
}

const entry = (line: string): Data => {
  const [addr = '', ...comment] = line.split(' ');
  return { addr, comment: comment.join(' ') };
};

/** What is asked is how it is here; it cannot be another way. */
const FACTS: Record<string, readonly [key: string, value: string, set: string, as: boolean]> = {
  isenabled: ['aclstatus', 'yes', 'enable', true],
  isdrop: ['aclmethod', 'drop', 'drop', true],
  isifblock: ['aclblockall', 'Free', 'ifblock', false],
  iswuiblock: ['aclwuiblock', 'Free', 'wuiblock', false],
};

function addressIn(params: Params): string {
  const addr = params.get('addr') ?? '';
  const [address = '', prefix = '32', more] = addr.split('/');
  if (!isAddress(address) || !/^\d{1,3}$/.test(prefix) || more !== undefined) throw new Refused(422, 'Invalid address');
  return addr;
}

function changed(lines: readonly string[], params: Params, on: boolean): string[] {
  const addr = addressIn(params);
  const others = lines.filter(line => line.split(' ')[0] !== addr);
  if (!on && others.length === lines.length) throw new Refused(422, 'Invalid address');
  const comment = params.get('comment') ?? '';
  if (comment.length > 127) throw new Refused(422, 'comment: Invalid value');
  return on ? [...others, comment === '' ? addr : `${addr} ${comment}`] : others;
}

async function control(ask: Ask): Promise<Reply> {
  const { params, version } = ask;
  const config = treeOf(ask);
  for (const [question, [key, value, set, as]] of Object.entries(FACTS)) {
    if (params.has(question)) return { data: { [key]: value } };
    const wanted = params.flag(set);
    if (wanted !== undefined && wanted !== as) throw new Refused(422, `${set}: cannot be changed on Ballast`);
    if (wanted !== undefined) return done;
  }
  for (const parameter of ['list', 'listvs'] as const) {
    const word = params.get(parameter);
    if (!word) continue;
    const [property, element] = listNamed(word, parameter);
    const owner = parameter === 'listvs' ? serviceOf(config, params) : undefined;
    const IP = (owner ?? settingsOf(config))[property].map(entry);
    if (version === 2) return { data: { list: word, IP } };
    return {
      data: owner
        ? { VS: { VS_IP: owner.address, VS_Port: owner.port, VS_Protocol: owner.protocol, [element]: { IP } } }
        : { [element]: { IP } },
    };
  }
  for (const parameter of ['add', 'del', 'addvs', 'delvs'] as const) {
    const word = params.get(parameter);
    if (!word) continue;
    const [property] = listNamed(word, parameter);
    const on = parameter.startsWith('add');
    params.given.set(property, 'addr');
    if (parameter.endsWith('vs')) {
      const vs = serviceOf(config, params);
      const body = validated(servicePatch, { [property]: changed(vs[property], params, on) });
      await patchVirtualService(callOf(ask, vs.id, body));
    } else {
      const body = validated(settingsPatch, { [property]: changed(settingsOf(config)[property], params, on) });
      await patchSettings(callOf(ask, 0, body));
    }
    return done;
  }
  throw new Refused(400, 'list: String Value missing');
}

/** Only reading what the lists hold needs no more than the lowest role: the command decides by its parameters. */
export const accessCommands: Readonly<Record<string, Command>> = {
  aclcontrol: {
    role: 'read-only',
    writes: params =>
      ['add', 'del', 'addvs', 'delvs', 'enable', 'drop', 'ifblock', 'wuiblock'].some(name => params.has(name)),
    about: 'Lists of networks that may, or may not, come.',
    params: ['list?', 'listvs?', 'add?', 'del?', 'addvs?', 'delvs?', 'vs?', 'addr?', 'comment?'],
    run: control,
  },
};
