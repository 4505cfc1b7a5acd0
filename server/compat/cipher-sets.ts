import type { cipherSets } from '../schema/service/cipher-lists.ts';

/** A LoadMaster's built-in sets by their names in lower case, and which of ours stands for each. */
export const builtInSets: Readonly<Record<string, keyof typeof cipherSets>> = {
  default: 'default',
  default_norc4: 'default',
  bestpractices: 'best-practices',
  intermediate_compatibility: 'intermediate',
  modern: 'modern',
  fips: 'fips',
  fips2: 'fips',
  ecdsa_default: 'ecdsa',
  ecdsa_bestpractices: 'ecdsa',
  backward_compatibility: 'backward',
  legacy: 'legacy',
};

/** Built in there, and not here: the set of the console itself, and the one without encryption. */
const NOT_HERE: readonly string[] = ['wui', 'null_ciphers'];

/** Names nobody can give to a set of his own. */
export const isBuiltIn = (name: string): boolean =>
  Object.hasOwn(builtInSets, name.toLowerCase()) || NOT_HERE.includes(name.toLowerCase());
