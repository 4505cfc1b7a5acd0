import type { Compiled } from '../compile/compile.ts';
import { render } from '../compile/render.ts';
import type { Config } from '../schema/config.ts';
import type { Effect, Preview } from '../schema/status.ts';
import { words } from '../schema/words.ts';
import { consequences } from './consequences.ts';
import { diff } from './diff.ts';

interface Side {
  config: Config;
  compiled: Compiled;
}

/** What a change would do. Keys are in files of their own, so the diff of haproxy.cfg holds no secret. */
export function preview(before: Side, after: Side, effect: Effect): Preview {
  const text = (side: Side) => render(side.compiled.proxy)['haproxy.cfg'] ?? '';
  return {
    effect,
    words: [...words(before.config, after.config), ...consequences(before.config, after.config, effect)],
    diff: diff(text(before), text(after)),
  };
}
