import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expected, goldenCases } from './golden-cases.ts';

/** Rewrites the goldens and names those that changed: read their diff, it is the change as the engine meets it. */
for (const golden of goldenCases()) {
  for (const [file, text] of Object.entries(expected(golden))) {
    const path = join(golden.folder, file);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    writeFileSync(path, text);
    console.log(`${golden.name}/${file}`);
  }
}
