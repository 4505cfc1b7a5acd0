import type { unavailableFields } from '../../schema/service/unavailable.ts';
import { nobodyLines } from '../haproxy/unavailable.ts';
import { elsewhere, http, type LinesOf } from '../lines.ts';

/** One entry per property of schema/service/unavailable.ts, in the order in which the lines are written. */
export const unavailableLines = {
  unavailableAction: vs => http(vs, { backend: nobodyLines(vs) }),
  unavailableCode: elsewhere,
  unavailableMessage: elsewhere,
  redirectCode: elsewhere,
  redirectUrl: elsewhere,
} satisfies { [K in keyof typeof unavailableFields]: LinesOf };
