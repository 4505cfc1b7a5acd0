import type { Compiled } from '../compile/compile.ts';
import type { Paths } from '../paths.ts';
import { type Config, emptyConfig } from '../schema/config.ts';
import { type Applied, flip, isKnown, isWhole, recall, recallLive, remember } from './stage.ts';
import type { Stager } from './stager.ts';

type Compile = (config: Config) => Compiled;

/** What ran last; the very first time an empty set. `readable` false: its files are there, but not what they mean. */
export async function lastSet(paths: Paths, stager: Stager, compile: Compile) {
  const recalled = await recall(paths);
  const applied = recalled ?? (await recallLive(paths)) ?? (await emptySet(paths, stager, compile));
  return { applied, readable: isKnown(applied) };
}

async function emptySet(paths: Paths, stager: Stager, compile: Compile): Promise<Applied> {
  const config = emptyConfig();
  const compiled = compile(config);
  const applied = { revision: 0, stage: (await stager.write(compiled)).folder, config, compiled };
  await remember(paths, applied);
  return applied;
}

/**
 * The set to start an engine with that does not run yet: a new version of Ballast, a data folder that was moved, or
 * files that the disk has lost cost nobody anything now. What the engine would refuse stays as it was.
 */
export async function freshSet(paths: Paths, stager: Stager, compile: Compile, last: Applied): Promise<Applied> {
  if (!isKnown(last)) return last;
  const whole = await isWhole(last.stage, last.compiled);
  for (const make of [() => compile(last.config), () => last.compiled]) {
    try {
      const compiled = make();
      if (whole && JSON.stringify(compiled) === JSON.stringify(last.compiled)) return last;
      const stage = await stager.accept(compiled);
      const applied = { ...last, stage: stage.folder, compiled };
      await flip(paths, stage.folder);
      await remember(paths, applied);
      return applied;
    } catch {
      // The older one is next, and after it what is on disk.
    }
  }
  return last;
}
