import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '..');

const SKIPPED = new Set(['node_modules', 'dist']);

/** Files below these folders of the project that end with one of the endings; paths relative to the project, sorted. */
export function filesIn(folders: readonly string[], endings: readonly string[]): string[] {
  const found: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(path);
      else if (entry.isFile() && endings.some(ending => entry.name.endsWith(ending))) found.push(relative(root, path));
    }
  };
  for (const folder of folders) {
    const path = join(root, folder);
    if (readdirSync(root).includes(folder.split('/')[0] as string)) walk(path);
  }
  return found.sort();
}
