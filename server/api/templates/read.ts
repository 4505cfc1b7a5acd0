import { Ajv, type ValidateFunction } from 'ajv';
import type { FastifyError } from 'fastify';
import type { Config, Kind } from '../../schema/config.ts';
import { createOf } from '../../schema/derive.ts';
import { Fault } from '../../schema/faults.ts';
import { isAddress } from '../../schema/rules.ts';
import { type TemplateFile, templateFile } from '../../schema/template-file.ts';
import type { Shipped } from '../../templates/builder.ts';
import { checkTemplate } from '../../templates/check.ts';
import type { Made } from '../../templates/plan.ts';
import { shippedTemplates } from '../../templates/shipped.ts';
import { invalid } from '../invalid.ts';

const ajv = new Ajv({ allErrors: false, verbose: true, strict: true, strictTypes: false });
ajv.addKeyword('x-field');
ajv.addFormat('ip', isAddress);

const validators = new Map<string, ValidateFunction>();
const validatorOf = (name: string, schema: () => object): ValidateFunction => {
  const made = validators.get(name) ?? ajv.compile(schema());
  validators.set(name, made);
  return made;
};

function checked(validate: ValidateFunction, value: unknown): void {
  if (!validate(value)) throw invalid({ validation: validate.errors } as unknown as FastifyError);
}

/** Reads the text of a stored template. Throws INVALID with the place in it. */
export function readTemplate(text: string): TemplateFile {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw new Fault('INVALID', { label: 'The template', reason: 'is not JSON' });
  }
  checked(
    validatorOf('template', () => templateFile),
    file,
  );
  checkTemplate(file as TemplateFile);
  return file as TemplateFile;
}

/** Everything a template makes has the shape that a request to make it would need. Throws INVALID at the input it comes from. */
export function checkMade(made: readonly Made[]): void {
  for (const { kind, value, from } of made) {
    const { id: _, ...object } = value;
    try {
      checked(
        validatorOf(kind, () => createOf(kind as Kind)),
        object,
      );
    } catch (error) {
      const fault = error as Fault;
      const property = (fault.at ?? '').split('/')[1] ?? '';
      throw new Fault(fault.code, fault.facts, from[property] ? `/inputs/${from[property]}` : '/template');
    }
  }
}

const INSTALLED = /^installed-([1-9][0-9]{0,14})$/;

/** The number of a stored template; undefined for the key of a shipped one. */
export const numberIn = (key: string): number | undefined => {
  const match = INSTALLED.exec(key);
  return match ? Number(match[1]) : undefined;
};

/** The template of that key. Throws UNKNOWN_TEMPLATE, or INVALID where a stored one cannot be read. */
export function templateOf(key: string, config: Config): TemplateFile {
  const id = numberIn(key);
  if (id === undefined) return shippedOf(key).file;
  const stored = config.templates.find(each => each.id === id);
  if (!stored) throw new Fault('UNKNOWN_TEMPLATE', { key }, '/template');
  return readTemplate(stored.content);
}

function shippedOf(key: string): Shipped {
  const found = shippedTemplates.find(each => each.key === key);
  if (!found) throw new Fault('UNKNOWN_TEMPLATE', { key }, '/template');
  return found;
}
