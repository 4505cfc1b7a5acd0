import { Fault } from '../schema/faults.ts';

/** What a client of the LoadMaster API is refused with: HTTP status and the text clients look for. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

export const unknown = (what: string) => new Refused(422, `Unknown ${what}`);

/** The parameters of one request, by their names in small letters; all values as text. */
export class Params {
  readonly #values = new Map<string, string>();
  /** Properties of ours by the parameter that the client gave for them, to name it when a rule refuses the value. */
  readonly given = new Map<string, string>();

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), value);
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  /** The first of these parameters that is there. */
  get(...names: string[]): string | undefined {
    return names.map(name => this.#values.get(name.toLowerCase())).find(value => value !== undefined);
  }

  /** Throws what a LoadMaster says of a mandatory parameter that is missing or empty. */
  need(name: string, type = 'String', ...others: string[]): string {
    const value = this.get(name, ...others);
    if (value === undefined || value === '') throw new Refused(400, `${name}: ${type} Value missing`);
    return value;
  }

  /** A boolean in any of the spellings clients use; undefined when it is not there. */
  flag(...names: string[]): boolean | undefined {
    const value = this.get(...names);
    return value === undefined ? undefined : flagOf(value, names[0] as string);
  }

  whole(...names: string[]): number | undefined {
    const value = this.get(...names);
    return value === undefined ? undefined : wholeOf(value, names[0] as string);
  }

  get names(): string[] {
    return [...this.#values.keys()];
  }
}

const YES = ['y', 'yes', '1', 'true'];
const NO = ['n', 'no', '0', 'false', ''];

export function flagOf(text: string, name: string): boolean {
  const word = text.toLowerCase();
  if (YES.includes(word)) return true;
  if (NO.includes(word)) return false;
  throw new Refused(422, `${name}: Invalid value`);
}

export function wholeOf(text: string, name: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new Refused(422, `${name}: Invalid value`);
  return Number(text);
}

/** What a table has under a name that a client gave: its own entries, not `constructor`. */
export const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** The answer for whatever was thrown; undefined when it is our own mistake and belongs in the log. */
export function refusalOf(error: unknown, params?: Params): Refused | undefined {
  if (error instanceof Refused) return error;
  if (!(error instanceof Fault)) return undefined;
  const property = error.at?.split('/')[1] ?? '';
  const parameter = params?.given.get(property);
  // What a rule refuses is understood but cannot be executed; only who may not, and our own troubles, keep their status.
  const status = [401, 403, 404, 413, 429, 500, 503].includes(error.status) ? error.status : 422;
  return new Refused(
    status === 404 ? 422 : status,
    parameter === undefined ? error.message : `${parameter}: ${error.message}`,
  );
}
