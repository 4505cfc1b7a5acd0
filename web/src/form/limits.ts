import { isAddress } from '../../../server/schema/rules.ts';

/** The words of JSON Schema that fields.ts uses. */
export interface Limits {
  type?: string;
  format?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  pattern?: string;
}

/** Why a value breaks the limits of its schema entry, in words that follow its label; undefined when it keeps them. */
export function whyNot(limits: Limits, value: unknown): string | undefined {
  if (limits.type === 'integer') return whyNotNumber(limits, value);
  if (limits.type === 'string') return whyNotText(limits, String(value));
  if (Array.isArray(value) && limits.maxItems !== undefined && value.length > limits.maxItems)
    return `can name at most ${limits.maxItems}`;
  return undefined;
}

function whyNotNumber({ minimum, maximum }: Limits, value: unknown): string | undefined {
  if (!Number.isInteger(value)) return 'must be a whole number';
  const number = value as number;
  if ((minimum !== undefined && number < minimum) || (maximum !== undefined && number > maximum))
    return `must be from ${minimum} to ${maximum}`;
  return undefined;
}

function whyNotText(limits: Limits, value: string): string | undefined {
  if (value === '' && (limits.minLength ?? 0) > 0) return 'must not be empty';
  if (limits.format === 'ip') return isAddress(value) ? undefined : 'is not an IPv4 or IPv6 address';
  if (limits.maxLength !== undefined && value.length > limits.maxLength)
    return `must not be longer than ${limits.maxLength} characters`;
  if (limits.pattern && !new RegExp(limits.pattern, 'u').test(value)) return 'is not written as its description says';
  return undefined;
}
