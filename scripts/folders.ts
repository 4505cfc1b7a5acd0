import { chmodSync, chownSync, lchownSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Paths, pathsOf } from '../server/paths.ts';

export interface Owner {
  uid: number;
  gid: number;
}

/**
 * Makes what is missing of the data folder and gives every part to the one who writes it: `store` and `tls`
 * to the API's user, `run` to root, where that user may enter but not list or write. The data plane makes the rest.
 */
export function makeFolders(dataFolder: string, api: Owner): Paths {
  mkdirSync(dataFolder, { recursive: true, mode: 0o755 });
  const paths = pathsOf(realpathSync(dataFolder));
  chmodSync(paths.data, statSync(paths.data).mode | 0o011);
  for (const folder of [paths.store, paths.tls]) {
    mkdirSync(folder, { mode: 0o700, recursive: true });
    // Only a folder that is not the user's yet is looked into: what the user made is not followed by root.
    if (statSync(folder).uid !== api.uid) give(folder, api);
    chmodSync(folder, 0o700);
  }
  mkdirSync(paths.run, { mode: 0o750, recursive: true });
  chownSync(paths.run, 0, api.gid);
  chmodSync(paths.run, 0o710);
  return paths;
}

/** A folder put back by root from a copy, with all that is in it. */
function give(folder: string, { uid, gid }: Owner): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) give(path, { uid, gid });
    else lchownSync(path, uid, gid);
  }
  chownSync(folder, uid, gid);
}
