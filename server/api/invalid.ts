import type { FastifyError } from 'fastify';
import { Fault } from '../schema/faults.ts';

interface Complaint {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
  parentSchema?: {
    title?: string;
    minimum?: number;
    maximum?: number;
    properties?: Record<string, { title?: string }>;
  };
}

/** The fault for a request that does not have the shape its schema asks for: which field, and what it must be. */
export function invalid(error: FastifyError): Fault {
  const found = (error.validation as unknown as Complaint[])[0] as Complaint;
  const { label, reason, at } = described(found);
  return new Fault('INVALID', { label, reason }, at);
}

function described({ instancePath, keyword, params, parentSchema }: Complaint): {
  label: string;
  reason: string;
  at: string;
} {
  const at = instancePath;
  const name = at.split('/').at(-1) || 'The request';
  const label = parentSchema?.title ?? name;
  const say = (reason: string) => ({ label, reason, at });
  switch (keyword) {
    case 'required': {
      const missing = String(params.missingProperty);
      return {
        label: parentSchema?.properties?.[missing]?.title ?? missing,
        reason: 'is missing',
        at: `${at}/${missing}`,
      };
    }
    case 'additionalProperties': {
      const extra = String(params.additionalProperty);
      return {
        label: `“${printable(extra)}”`,
        reason: 'is not a property that can be given here',
        at: `${at}/${pointer(extra)}`,
      };
    }
    case 'type':
      return say(`must be ${types[String(params.type)] ?? String(params.type)}`);
    case 'enum':
      return say(`must be one of ${(params.allowedValues as unknown[]).join(', ')}`);
    case 'minimum':
    case 'maximum':
      return say(
        parentSchema?.maximum === undefined
          ? `must be at least ${parentSchema?.minimum}`
          : `must be between ${parentSchema.minimum ?? 0} and ${parentSchema.maximum}`,
      );
    case 'minLength':
      return say(params.limit === 1 ? 'must not be empty' : `must have at least ${params.limit} characters`);
    case 'maxLength':
      return say(`must have at most ${params.limit} characters`);
    case 'minItems':
      return say(`must name at least ${params.limit}`);
    case 'maxItems':
      return say(`must name at most ${params.limit}`);
    case 'uniqueItems':
      return say('names something twice');
    case 'minProperties':
      return say('must name at least one property');
    case 'format':
      return say('is not an IPv4 or IPv6 address');
    case 'pattern':
      return say('has characters or a form that are not allowed here');
    default:
      return say('is not valid');
  }
}

const types: Record<string, string> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

const printable = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 60);
const pointer = (text: string) => printable(text).replaceAll('~', '~0').replaceAll('/', '~1');
