import { Ajv, type ValidateFunction } from 'ajv';
import type { FastifyError } from 'fastify';
import type { TSchema } from 'typebox';
import { isAddress } from '../schema/rules.ts';
import { invalid } from './invalid.ts';

const ajv = new Ajv({ allErrors: false, verbose: true, strict: true, strictTypes: false });
ajv.addKeyword('x-field');
ajv.addFormat('ip', isAddress);
const compiled = new WeakMap<object, ValidateFunction>();

/** The body, if it has the shape its schema asks for; throws the fault that the native API throws. */
export function validated<T>(schema: TSchema, body: T): T {
  const check = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, check);
  if (!check(body)) throw invalid({ validation: check.errors } as unknown as FastifyError);
  return body;
}
