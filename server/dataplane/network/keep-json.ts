import { open, rename } from 'node:fs/promises';

/** Writes a value whole or not at all, on disk when it returns. Root's only. */
export async function keepJson(path: string, value: unknown): Promise<void> {
  const file = await open(`${path}.next`, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(value));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.next`, path);
}
