import { type Config, type Edit, type Kind, kinds, type ObjectOf } from '../schema/config.ts';
import { fill, listOf } from '../schema/derive.ts';
import { Fault } from '../schema/faults.ts';
import { metaOf } from '../schema/fields.ts';
import type { RealServer } from '../schema/real-server.ts';
import type {
  TemplateAnswers,
  TemplateFile,
  TemplateRule,
  TemplateServers,
  TemplateService,
} from '../schema/template-file.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import { type Answers, answersOf } from './answers.ts';

type Reserve = (kind: Kind, count: number) => number[];

/** One thing a template makes, with why each of its values is as it is. */
export interface Made {
  kind: 'virtualService' | 'realServer' | 'contentRule';
  value: ObjectOf['virtualService' | 'realServer' | 'contentRule'];
  /** Why, by property; '' where the template does not say. Only properties the template states. */
  reasons: Record<string, string>;
  /** The input a property comes from. */
  from: Record<string, string>;
  /** A content rule that is there already and is used as it is. */
  existing?: boolean;
}

/** What applying a template comes to. */
export interface TemplatePlan {
  edits: Edit[];
  made: Made[];
}

/**
 * The edits that make a template's rules, services, SubVSs and Real Servers, to be committed as one. Pure; numbers come
 * from `reserve`. Throws a Fault whose place is `/inputs/…` or a place in the template.
 */
export function planOf(template: TemplateFile, given: TemplateAnswers, config: Config, reserve: Reserve): TemplatePlan {
  const answers = answersOf(template, given, config);
  const counts = new Map<Kind, number>();
  // Once to count, since numbers are reserved in one go, and once for good.
  build(template, answers, config, kind => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count;
  });
  const numbers = new Map([...counts].map(([kind, count]) => [kind, reserve(kind, count)]));
  const made = build(template, answers, config, kind => numbers.get(kind)?.shift() ?? 0);
  return {
    made,
    edits: made
      .filter(made => !made.existing)
      .map(({ kind, value }): Edit => ({ op: 'create', kind, value: value as ObjectOf[Kind] })),
  };
}

function build(template: TemplateFile, answers: Answers, config: Config, next: (kind: Kind) => number): Made[] {
  const plan = new Plan(answers, config, next);
  for (const rule of template.rules ?? []) plan.rule(rule);
  // Numbers first, so that services may refer to ones that stand further down.
  for (const service of template.services) plan.number(service);
  for (const [at, service] of template.services.entries()) plan.service(service, undefined, `/services/${at}`);
  return plan.made;
}

class Plan {
  readonly made: Made[] = [];
  readonly #answers: Answers;
  readonly #config: Config;
  readonly #next: (kind: Kind) => number;
  readonly #rules = new Map<string, number>();
  readonly #numbers = new Map<TemplateService, number>();
  readonly #keys = new Map<string, number>();

  constructor(answers: Answers, config: Config, next: (kind: Kind) => number) {
    this.#answers = answers;
    this.#config = config;
    this.#next = next;
  }

  rule(wanted: TemplateRule): void {
    const existing = this.#config.contentRules.find(rule => rule.name === wanted.name);
    const whole = fill('contentRule', { ...wanted, id: existing?.id ?? this.#next('contentRule') });
    if (existing && JSON.stringify(sorted(existing)) !== JSON.stringify(sorted(whole)))
      throw new Fault(
        'NAME_TAKEN',
        { what: 'content rule, which does something else,', name: wanted.name },
        '/template',
      );
    this.#rules.set(wanted.name, whole.id);
    const reasons = Object.fromEntries(Object.keys(wanted).map(name => [name, '']));
    this.made.push({ kind: 'contentRule', value: whole, reasons, from: {}, ...(existing && { existing: true }) });
  }

  number(service: TemplateService): void {
    const id = this.#next('virtualService');
    this.#numbers.set(service, id);
    if (service.key) this.#keys.set(service.key, id);
    for (const sub of service.subServices ?? []) this.number(sub);
  }

  service(template: TemplateService, parent: VirtualService | undefined, at: string): void {
    const id = this.#numbers.get(template) ?? 0;
    const values: Record<string, unknown> = { ...template.values, id };
    // A SubVS has no address of its own; what stands there is its parent's.
    if (parent) Object.assign(values, { parent: parent.id, address: parent.address, port: parent.port });
    const reasons = this.#reasonsOf(template);
    for (const [name, input] of Object.entries(template.from ?? {}))
      values[name] = this.#answers.valueFor('virtualService', name, input, `${at}/from/${name}`);
    for (const [name, named] of Object.entries(template.named ?? {}))
      values[name] = this.#named('virtualService', name, named, `${at}/named/${name}`);
    const vs = fill('virtualService', values);
    this.made.push({ kind: 'virtualService', value: vs, reasons, from: template.from ?? {} });
    if (template.servers) this.#servers(template.servers, vs, `${at}/servers`);
    for (const [i, sub] of (template.subServices ?? []).entries()) this.service(sub, vs, `${at}/subServices/${i}`);
  }

  #servers(template: TemplateServers, vs: VirtualService, at: string): void {
    const addresses = this.#answers.servers(template.from, `${at}/from`);
    const port =
      typeof template.port === 'string'
        ? (this.#answers.valueFor('realServer', 'port', template.port, `${at}/port`) as number)
        : (template.port ?? vs.port);
    const named = Object.fromEntries(
      Object.entries(template.named ?? {}).map(([name, each]) => [
        name,
        this.#named('realServer', name, each, `${at}/named/${name}`),
      ]),
    );
    for (const server of addresses) {
      const value = fill('realServer', {
        ...template.values,
        ...named,
        id: this.#next('realServer'),
        virtualService: vs.id,
        address: server.address,
        port: server.port ?? port,
      }) as RealServer;
      const reasons = { port: template.reason ?? '', ...Object.fromEntries(keysOf(template.values, named)) };
      this.made.push({ kind: 'realServer', value, reasons, from: { address: template.from } });
    }
  }

  /** Numbers of the objects that are named: of this template, or stored ones. */
  #named(kind: 'virtualService' | 'realServer', property: string, named: string | string[], at: string) {
    const schema = (kinds[kind].schema.properties as Record<string, { type?: string }>)[property];
    const refers = schema && metaOf(schema).refers;
    if (!refers) throw new Fault('INVALID', { label: `“${property}”`, reason: 'does not name other objects' }, at);
    const numberOf = (name: string): number => {
      const own = refers === 'contentRule' ? this.#rules.get(name) : this.#keys.get(name);
      const found =
        own ?? (listOf(this.#config, refers) as { id: number; name?: string }[]).find(each => each.name === name)?.id;
      if (found === undefined)
        throw new Fault(
          'NEEDS',
          { label: 'This template', needs: `the ${kinds[refers].label.toLowerCase()} “${name}”, which is not there` },
          at,
        );
      return found;
    };
    const numbers = [named].flat().map(numberOf);
    return schema.type === 'array' ? numbers : (numbers[0] ?? 0);
  }

  #reasonsOf(template: TemplateService): Record<string, string> {
    const stated = { ...template.values, ...template.from, ...template.named };
    return { ...Object.fromEntries(keysOf(stated)), ...template.reasons };
  }
}

const keysOf = (...objects: (object | undefined)[]) =>
  objects.flatMap(object => Object.keys(object ?? {}).map((name): [string, string] => [name, '']));

const sorted = ({ id: _, ...rest }: object & { id: number }) =>
  Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
