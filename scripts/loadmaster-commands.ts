import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands } from '../server/compat/commands.ts';
import { openedBy } from '../server/compat/permissions.ts';

/** Writes the table of commands of the LoadMaster API into docs/loadmaster-api.md. */
const file = join(import.meta.dirname, '../docs/loadmaster-api.md');
const BEGIN = '<!-- commands -->';

export function withTable(text: string): string {
  const rows = Object.entries(commands)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(
      ([name, { params, role, about }]) =>
        `| \`${name}\` | ${params.map(each => `\`${each}\``).join(' ')} | ${[role, ...openedBy(name)].join(' or ')} | ${about} |`,
    );
  return `${text.split(BEGIN)[0]}${BEGIN}\n\n| command | parameters (\`?\`: may be left out) | least role, or a permission | what it does |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

if (import.meta.main) writeFileSync(file, withTable(readFileSync(file, 'utf8')));
