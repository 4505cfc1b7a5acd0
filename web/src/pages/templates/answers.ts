import type { TemplateAnswers, TemplateInput } from '../../../../server/schema/template-file.ts';

/** What stands in the form: texts as typed, servers one a line, numbers of certificates. */
export type Typed = Record<string, string | number | number[]>;

/** The form before anybody typed, with what is known already, such as an address given elsewhere. */
export const untouched = (inputs: readonly TemplateInput[], known: Typed = {}): Typed =>
  Object.fromEntries(
    inputs.map(({ name, kind, default: usual }) => [
      name,
      known[name] ?? (kind === 'certificate' ? [] : (usual ?? '')),
    ]),
  );

/** What the API is given. */
export function answersOf(inputs: readonly TemplateInput[], typed: Typed): TemplateAnswers {
  return Object.fromEntries(
    inputs.flatMap(({ name, kind }) => {
      const value = typed[name];
      if (value === undefined || value === '') return [];
      return [[name, kind === 'servers' ? serversIn(String(value)) : value] as const];
    }),
  );
}

/** Addresses of a pasted list, by line, blank or comma; what follows `#` is passed over. */
export const serversIn = (text: string): string[] =>
  text
    .split('\n')
    .flatMap(line => line.replace(/#.*/, '').split(/[\s,;]+/))
    .filter(Boolean);

/** Labels of what must still be given. */
export const missingOf = (inputs: readonly TemplateInput[], typed: Typed): string[] =>
  inputs
    .filter(({ name, default: usual }) => usual === undefined && [typed[name]].flat().join('').trim() === '')
    .map(input => input.label);
