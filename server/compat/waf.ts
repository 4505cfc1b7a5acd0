import { plainHandlers } from '../api/handlers/plain.ts';
import { patchVirtualService } from '../api/handlers/virtual-services.ts';
import { validated } from '../api/validated.ts';
import { createOf } from '../schema/derive.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { WafFile } from '../schema/waf-file.ts';
import { type Ask, type Command, callOf, treeOf, words } from './command.ts';
import { type Data, done, type Reply } from './reply.ts';
import { serviceOf } from './tree.ts';
import { own, Refused } from './wire.ts';

/** Rules of the OWASP Core Rule Set by which clients try this out; with the set itself all of them would be here. */
const CORE: Readonly<Record<string, string>> = {
  911100: 'Method is not allowed by policy',
  913100: 'Found user agent of a security scanner',
  920170: 'GET or HEAD with a body',
  920280: 'Host header is missing',
  920350: 'Host header is a numeric address',
  921110: 'HTTP request smuggling',
  930100: 'Path traversal (encoded)',
  930110: 'Path traversal (plain)',
  931100: 'Remote file inclusion by address',
  932100: 'Unix command injection',
  933100: 'PHP opening tag',
  941100: 'Cross-site scripting found by libinjection',
  942100: 'SQL injection found by libinjection',
  943100: 'Session fixation',
  944100: 'Suspicious Java class',
};

type Use = WafFile['use'];
const newFile = createOf('wafFile');
/** Said with every change: who believes in a shield that is not there is worse off than without. */
const KEPT: Reply = { text: 'Command completed ok. Stored only: Ballast has no WAF that enforces it.' };

const filesOf = (ask: Ask, use: Use) => treeOf(ask).wafFiles.filter(file => file.use === use);

function fileNamed(ask: Ask, use: Use, name: string, missing: Refused): WafFile {
  // Data is deleted by its name without the ending, and read by the whole.
  const found = filesOf(ask, use).find(file => file.name === name || file.name.replace(/\.[^.]*$/, '') === name);
  if (!found) throw missing;
  return found;
}

/** Custom rules of OWASP are replaced by a second upload; legacy ones must not be there yet. */
const add =
  (use: Use, replaces: boolean) =>
  async (ask: Ask): Promise<Reply> => {
    const name = ask.params.need('filename');
    if (ask.file.length === 0) throw new Refused(400, 'data: String Value missing');
    ask.params.given.set('name', 'filename').set('content', 'data');
    const content = ask.file.toString('base64');
    const there = filesOf(ask, use).find(file => file.name === name);
    if (there && !replaces) throw new Refused(422, 'File already exists');
    if (there) await plainHandlers.patchWafFile(callOf(ask, there.id, { content }));
    else await plainHandlers.createWafFile(callOf(ask, 0, validated(newFile, { name, use, content })));
    return KEPT;
  };

const remove =
  (use: Use) =>
  async (ask: Ask): Promise<Reply> => {
    const name = ask.params.need('filename');
    const { id } = fileNamed(ask, use, name, new Refused(422, 'File not found'));
    await plainHandlers.deleteWafFile(callOf(ask, id, {}));
    return done;
  };

const download =
  (use: Use) =>
  (ask: Ask): Reply => {
    const name = ask.params.need('filename');
    const { content } = fileNamed(ask, use, name, new Refused(404, 'File not found'));
    return { file: { body: Buffer.from(content, 'base64') } };
  };

/** What a service says of one rule: `NAME on|off [first]`. */
const lineOf = (vs: VirtualService, rule: string) => vs.wafRules.find(line => line.split(' ')[0] === rule);

function shown(vs: VirtualService, rule: string, custom: boolean): Data {
  const [, state = 'off', first] = lineOf(vs, rule)?.split(' ') ?? [];
  return {
    Id: rule,
    Type: custom ? 'custom' : 'CRS',
    Name: custom ? rule : (own(CORE, rule) ?? ''),
    Enabled: state === 'on' ? 'yes' : 'no',
    Runfirst: first ? 'yes' : 'no',
  };
}

const assign = (ask: Ask, vs: VirtualService, wafRules: string[]) =>
  patchVirtualService(callOf(ask, vs.id, { wafRules }));

async function owaspRules(ask: Ask): Promise<Reply> {
  const { params } = ask;
  const vs = serviceOf(treeOf(ask), params);
  const custom = filesOf(ask, 'owasp-rule').map(({ name }) => name);
  const rule = params.get('rule');
  if (!rule) {
    const filter = (params.get('filter') ?? '').toLowerCase();
    const all = [...Object.keys(CORE).map(id => shown(vs, id, false)), ...custom.map(name => shown(vs, name, true))];
    return { data: { Rule: all.filter(({ Id, Name }) => `${Id} ${Name}`.toLowerCase().includes(filter)) } };
  }
  const isCustom = custom.includes(rule);
  if (!isCustom && own(CORE, rule) === undefined) throw new Refused(422, 'Rule not found');
  const enable = params.flag('enable');
  if (enable === undefined) return { data: { Rule: shown(vs, rule, isCustom) } };
  const others = vs.wafRules.filter(line => line !== lineOf(vs, rule));
  await assign(ask, vs, [...others, `${rule} ${enable ? 'on' : 'off'}${params.flag('runfirst') ? ' first' : ''}`]);
  return KEPT;
}

/** Of the rule sets of the legacy engine Ballast has only those that were uploaded: `C/name`, or `Custom/name`. */
function legacyRules(ask: Ask): string[] {
  const known = filesOf(ask, 'rule').map(({ name }) => name);
  return words(ask.params.need('rule')).map(word => {
    const name = /^(?:C|Custom)\/(.+)$/.exec(word)?.[1] ?? '';
    if (!known.includes(name)) throw new Refused(422, 'Rule not found');
    return `C/${name}`;
  });
}

/** These three take a service by address, port and protocol alone. */
function placed(ask: Ask): VirtualService {
  for (const name of ['port', 'prot']) ask.params.need(name);
  return serviceOf(treeOf(ask), ask.params);
}

async function addLegacy(ask: Ask): Promise<Reply> {
  const vs = placed(ask);
  const rules = legacyRules(ask);
  const others = vs.wafRules.filter(line => !rules.includes(line.split(' ')[0] ?? ''));
  await assign(ask, vs, [...others, ...rules.map(rule => `${rule} on`)]);
  return KEPT;
}

async function removeLegacy(ask: Ask): Promise<Reply> {
  const vs = placed(ask);
  const rules = legacyRules(ask);
  if (!rules.every(rule => lineOf(vs, rule))) throw new Refused(422, 'Rule not found');
  await assign(
    ask,
    vs,
    vs.wafRules.filter(line => !rules.includes(line.split(' ')[0] ?? '')),
  );
  return done;
}

const listed = (ask: Ask): Reply => ({
  data: {
    Rules: {
      Custom: filesOf(ask, 'rule').map(({ name }) => ({ Name: `C/${name}` })),
      CustomData: filesOf(ask, 'data').map(({ name }) => ({ Name: name })),
    },
  },
});

function kept(use: Use, what: string, replaces: boolean) {
  const by = use.startsWith('owasp') ? use.replace('-', 'custom') : `wafcustom${use}`;
  return {
    [`add${by}`]: {
      ...{ role: 'administrator', params: ['filename', 'data'] },
      about: `Store a file of ${what}; nothing enforces it.`,
      run: add(use, replaces),
    },
    [`del${by}`]: {
      ...{ role: 'administrator', params: ['filename'] },
      about: `Delete a file of ${what}.`,
      run: remove(use),
    },
    [`download${by}`]: {
      ...{ role: 'read-only', params: ['filename'] },
      about: `A stored file of ${what}.`,
      run: download(use),
    },
  } as const satisfies Record<string, Command>;
}

const PLACE = ['vs', 'port', 'prot', 'rule'];

export const wafCommands: Readonly<Record<string, Command>> = {
  ...kept('owasp-rule', 'OWASP rules', true),
  ...kept('owasp-data', 'OWASP data', true),
  ...kept('rule', 'legacy WAF rules', false),
  ...kept('data', 'legacy WAF data', false),
  owasprules: {
    role: 'read-only',
    writes: params => params.has('enable'),
    about: 'What a service says of one OWASP rule or all; with `enable`, say it. Nothing enforces it.',
    params: ['vs', 'port?', 'prot?', 'rule?', 'enable?', 'runfirst?', 'filter?'],
    run: owaspRules,
  },
  listwafrules: { role: 'read-only', about: 'Stored files of the legacy WAF.', params: [], run: listed },
  vsaddwafrule: {
    role: 'administrator',
    about: 'Give a service rules of the legacy WAF; nothing enforces them.',
    params: PLACE,
    run: addLegacy,
  },
  vsremovewafrule: {
    role: 'administrator',
    about: 'Take rules of the legacy WAF from a service.',
    params: PLACE,
    run: removeLegacy,
  },
  vslistwafruleids: {
    role: 'read-only',
    about: 'Rules of the legacy WAF that a service has.',
    params: ['vs', 'port', 'prot', 'rule?'],
    run: ask => ({
      data: {
        Custom: {
          ActiveRule: placed(ask)
            .wafRules.filter(line => line.startsWith('C/'))
            .map(line => line.split(' ')[0] as string),
        },
      },
    }),
  },
};
