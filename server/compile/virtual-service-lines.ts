import type { VirtualService } from '../schema/virtual-service.ts';
import { elsewhere, type LinesOf } from './lines.ts';
import { advancedLines } from './service/advanced.ts';
import { basicLines } from './service/basic.ts';
import { contentLines } from './service/content.ts';
import { healthLines } from './service/health.ts';
import { limitsLines } from './service/limits.ts';
import { networkLines } from './service/network.ts';
import { sslLines } from './service/ssl.ts';
import { standardLines } from './service/standard.ts';
import { unavailableLines } from './service/unavailable.ts';

/** One entry per property of a Virtual Service. A property without an entry does not build. */
export const virtualServiceLines = {
  id: elsewhere,
  ...basicLines,
  ...sslLines,
  ...limitsLines,
  ...networkLines,
  ...standardLines,
  ...contentLines,
  ...advancedLines,
  ...unavailableLines,
  ...healthLines,
} satisfies { [K in keyof VirtualService]: LinesOf };
