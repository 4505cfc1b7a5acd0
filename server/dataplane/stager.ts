import { existsSync } from 'node:fs';
import type { Compiled } from '../compile/compile.ts';
import { render } from '../compile/render.ts';
import type { Paths } from '../paths.ts';
import { Fault } from '../schema/faults.ts';
import type { Engine } from './engine.ts';
import { type Stage, writeStage } from './stage.ts';

/** Puts sets on disk and asks the engine whether it accepts them. */
export class Stager {
  readonly #paths: Paths;
  readonly #engine: Pick<Engine, 'check'>;
  /** The stage the engine accepted last and its text, so that nothing is checked twice. */
  #accepted: { text: string; stage: Stage } | undefined;
  #serial = 0;

  constructor(paths: Paths, engine: Pick<Engine, 'check'>) {
    this.#paths = paths;
    this.#engine = engine;
  }

  /** The stage of a set that the engine accepts; ENGINE_REFUSED when it does not. */
  async accept(compiled: Compiled): Promise<Stage> {
    const text = textOf(compiled);
    if (this.#accepted?.text === text && existsSync(this.#accepted.stage.folder)) return this.#accepted.stage;
    const stage = await this.write(compiled);
    const verdict = await this.#engine.check(stage.folder);
    if (!verdict.ok) throw new Fault('ENGINE_REFUSED', { reason: verdict.reason });
    this.#accepted = { text, stage };
    return stage;
  }

  write(compiled: Compiled): Promise<Stage> {
    return writeStage(this.#paths, `${Date.now()}-${++this.#serial}`, compiled);
  }
}

/** Equal for two sets with the same files. */
export const textOf = (compiled: Compiled) => JSON.stringify(render(compiled.proxy));
