import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandList } from '../server/compat/command-list.ts';

/** Writes the table of commands of the LoadMaster API into docs/loadmaster-api.md. */
const file = join(import.meta.dirname, '../docs/loadmaster-api.md');
const BEGIN = '<!-- commands -->';

export function withTable(text: string): string {
  const rows = commandList.map(
    ({ name, parameters, role, permissions, about }) =>
      `| \`${name}\` | ${parameters.map(each => `\`${each.name}${each.needed ? '' : '?'}\``).join(' ')} | ${[role, ...permissions].join(' or ')} | ${about} |`,
  );
  return `${text.split(BEGIN)[0]}${BEGIN}\n\n| command | parameters (\`?\`: may be left out) | least role, or a permission | what it does |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

if (import.meta.main) writeFileSync(file, withTable(readFileSync(file, 'utf8')));
