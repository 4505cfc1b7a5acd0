import type { healthFields } from '../../schema/service/health.ts';
import { checkOf } from '../haproxy/checks.ts';
import { elsewhere, type LinesOf } from '../lines.ts';

/** One entry per property of schema/service/health.ts, in the order in which the lines are written. */
export const healthLines = {
  checkType: vs => checkOf(vs),
  checkPort: elsewhere,
  checkMethod: elsewhere,
  checkUrl: elsewhere,
  checkHost: elsewhere,
  checkCodes: elsewhere,
  checkInterval: elsewhere,
  checkTimeout: elsewhere,
  checkRetries: elsewhere,
} satisfies { [K in keyof typeof healthFields]: LinesOf };
