import type { limitsFields } from '../../schema/service/limits.ts';
import type { LinesOf } from '../lines.ts';

/** One entry per property of schema/service/limits.ts, in the order in which the lines are written. */
export const limitsLines = {} satisfies { [K in keyof typeof limitsFields]: LinesOf };
