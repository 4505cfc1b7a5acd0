import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Answers, Name } from './answers.ts';

/** Where answers may lie when nobody sits at the console, the first that has any. All are read, none is written. */
export const SOURCES = ['/proc/cmdline', '/run/ballast/answers.yaml'] as const;

/** Our words for the answers, as they stand in a file or behind `ballast.` on the kernel's command line. */
const WORDS: Record<string, Name> = {
  eth0: 'eth0Address4',
  'eth0-ipv6': 'eth0Address6',
  eth1: 'eth1Address4',
  'eth1-ipv6': 'eth1Address6',
  gateway: 'gateway4',
  'gateway-ipv6': 'gateway6',
  hostname: 'hostName',
  dns: 'dns',
  search: 'search',
  ntp: 'ntp',
  timezone: 'timeZone',
  password: 'password',
};

export interface Given {
  answers: Partial<Answers>;
  /** Words that mean nothing here. */
  unknown: string[];
}

/**
 * The answers in a text: YAML (or a NoCloud user-data file, whose part `ballast:` counts), or a kernel command line.
 * Undefined when it has none. Throws when it cannot be read.
 */
export function answersIn(text: string): Given | undefined {
  const words =
    /^\s*(?:BOOT_IMAGE=|root=|\S+=\S+ )/.test(text) && !/^[\w-]+:/m.test(text) ? fromCommandLine(text) : fromYaml(text);
  if (!words || Object.keys(words).length === 0) return undefined;
  const answers: Partial<Answers> = {};
  const unknown: string[] = [];
  for (const [word, value] of Object.entries(words)) {
    const name = WORDS[word];
    if (!name) unknown.push(word);
    else answers[name] = Array.isArray(value) ? value.map(String).join(' ') : String(value ?? '');
  }
  if (answers.password !== undefined) answers.again = answers.password;
  return { answers, unknown };
}

function fromYaml(text: string): Record<string, unknown> | undefined {
  const read = parse(text) as unknown;
  if (typeof read !== 'object' || read === null) return undefined;
  const inside = (read as { ballast?: unknown }).ballast ?? (/^#cloud-config/.test(text) ? undefined : read);
  return typeof inside === 'object' && inside !== null ? (inside as Record<string, unknown>) : undefined;
}

function fromCommandLine(text: string): Record<string, string> {
  const words = [...text.matchAll(/(?:^|\s)ballast\.([\w-]+)=("[^"]*"|\S*)/g)];
  return Object.fromEntries(words.map(([, word = '', value = '']) => [word, value.replace(/^"|"$/g, '')]));
}

/** The first source that holds answers. */
export function unattended(sources: readonly string[] = SOURCES): (Given & { from: string }) | undefined {
  for (const from of sources) {
    let text: string;
    try {
      text = readFileSync(from, 'utf8');
    } catch {
      continue;
    }
    const given = answersIn(text);
    if (given) return { ...given, from };
  }
  return undefined;
}
