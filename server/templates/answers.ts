import { type Config, kinds } from '../schema/config.ts';
import { Fault } from '../schema/faults.ts';
import { type FieldKind, metaOf } from '../schema/fields.ts';
import { endpoint, isAddress } from '../schema/rules.ts';
import type { TemplateAnswers, TemplateFile, TemplateInput } from '../schema/template-file.ts';

/** Which kinds of inputs a property may take its value from. */
const fitting: Partial<Record<FieldKind, readonly TemplateInput['kind'][]>> = {
  address: ['address'],
  port: ['port'],
  text: ['text', 'hostname', 'address'],
  longText: ['text', 'hostname'],
  refs: ['certificate'],
  ref: ['certificate'],
};

/** May that property take its value from an input of that kind? */
export function fits(kind: 'virtualService' | 'realServer', property: string, input: TemplateInput['kind']): boolean {
  const schema = (kinds[kind].schema.properties as Record<string, object>)[property];
  if (!schema) return false;
  const { kind: field, refers } = metaOf(schema);
  return (!refers || refers === 'certificate') && (fitting[field]?.includes(input) ?? false);
}

const HOST_NAME =
  /^(?=.{1,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

export interface Answers {
  /** The value a property takes from an input. */
  valueFor: (kind: 'virtualService' | 'realServer', property: string, input: string, at: string) => unknown;
  /** The servers an input lists; the port only where one was given. */
  servers: (input: string, at: string) => { address: string; port?: number }[];
}

/** What was given, checked against what the template asks for. Throws a Fault at `/inputs/…`. */
export function answersOf(template: TemplateFile, given: TemplateAnswers, config: Config): Answers {
  const inputs = new Map(template.inputs.map(input => [input.name, input]));
  for (const name of Object.keys(given))
    if (!inputs.has(name))
      throw new Fault(
        'INVALID',
        { label: `“${name}”`, reason: 'is nothing this template asks for' },
        `/inputs/${name}`,
      );
  const values = new Map(template.inputs.map(input => [input.name, readInput(input, given[input.name], config)]));
  const inputOf = (name: string, at: string): TemplateInput => {
    const input = inputs.get(name);
    if (!input) throw new Fault('INVALID', { label: `“${name}”`, reason: 'is no input of this template' }, at);
    return input;
  };
  return {
    valueFor: (kind, property, name, at) => {
      const input = inputOf(name, at);
      const schema = (kinds[kind].schema.properties as Record<string, object>)[property];
      if (!schema || !fits(kind, property, input.kind))
        throw new Fault('INVALID', { label: `“${property}”`, reason: `cannot come from “${input.label}”` }, at);
      const value = values.get(name);
      return metaOf(schema).kind === 'ref' && Array.isArray(value) ? (value[0] ?? 0) : value;
    },
    servers: (name, at) => {
      const input = inputOf(name, at);
      if (input.kind !== 'servers')
        throw new Fault('INVALID', { label: `“${input.label}”`, reason: 'is no list of servers' }, at);
      return (values.get(name) as string[]).map(text => serverOf(text) ?? { address: text });
    },
  };
}

/** The value of one input, or its default. Throws INVALID. */
function readInput(input: TemplateInput, given: unknown, config: Config): unknown {
  const bad = (reason: string) => new Fault('INVALID', { label: input.label, reason }, `/inputs/${input.name}`);
  const many = input.kind === 'servers' || input.kind === 'certificate';
  if (given === undefined || given === '' || (Array.isArray(given) && given.length === 0)) {
    if (input.default === undefined) throw bad(input.kind === 'servers' ? 'must name at least one' : 'is missing');
    return many ? [] : input.default;
  }
  switch (input.kind) {
    case 'port':
      if (!Number.isInteger(given) || (given as number) < 1 || (given as number) > 65_535)
        throw bad('must be between 1 and 65535');
      return given;
    case 'certificate': {
      if (!Array.isArray(given)) throw bad('must be a list of numbers');
      const missing = (given as number[]).find(id => !config.certificates.some(each => each.id === id));
      if (missing !== undefined) throw bad(`names certificate ${missing}, which is not there`);
      return given;
    }
    case 'servers': {
      if (!Array.isArray(given)) throw bad('must be a list of addresses');
      const wrong = given.find(each => typeof each !== 'string' || !serverOf(each));
      if (wrong !== undefined) throw bad(`has “${wrong}”, which is not an address, with a port if wanted`);
      const twice = given.find((each, at) => given.indexOf(each) !== at);
      if (twice !== undefined) throw bad(`has ${twice} twice`);
      return given;
    }
    case 'address':
      if (typeof given !== 'string' || !isAddress(given)) throw bad('is not an IPv4 or IPv6 address');
      return given;
    case 'hostname':
      if (typeof given !== 'string' || !HOST_NAME.test(given)) throw bad('is not a host name');
      return given;
    default:
      if (typeof given !== 'string') throw bad('must be text');
      return given;
  }
}

/** Reads `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`; undefined when it is none of these. */
export function serverOf(text: string): { address: string; port?: number } | undefined {
  if (isAddress(text)) return { address: text };
  const match = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  return isAddress(address) && port >= 1 && port <= 65_535 && text === endpoint(address, port)
    ? { address, port }
    : undefined;
}
