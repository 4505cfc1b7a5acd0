import type { healthFields } from '../../schema/service/health.ts';
import { checkLines } from '../haproxy/checks.ts';
import { enoughLines } from '../haproxy/enough.ts';
import { elsewhere, type LinesOf } from '../lines.ts';

/** One entry per property of schema/service/health.ts, in the order in which the lines are written. Words of each server: checkWords(). */
export const healthLines = {
  checkType: (vs, world) => ({ backend: checkLines(vs, world.settings) }),
  checkPort: elsewhere,
  checkTls: elsewhere,
  checkMethod: elsewhere,
  checkUrl: elsewhere,
  checkHost: elsewhere,
  checkHeaders: elsewhere,
  checkBody: elsewhere,
  checkCodes: elsewhere,
  checkPattern: elsewhere,
  checkName: elsewhere,
  checkSend: elsewhere,
  checkExpect: elsewhere,
  checkMatchLength: elsewhere,
  checkInterval: elsewhere,
  checkTimeout: elsewhere,
  checkRetries: elsewhere,
  enhancedChecks: (vs, world) => enoughLines(vs, world),
  minimumServers: elsewhere,
  subCritical: elsewhere,
} satisfies { [K in keyof typeof healthFields]: LinesOf };
