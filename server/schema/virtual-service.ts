import Type, { type Static } from 'typebox';
import { id } from './fields.ts';
import { advancedFields } from './service/advanced.ts';
import { basicFields } from './service/basic.ts';
import { contentFields } from './service/content.ts';
import { healthFields } from './service/health.ts';
import { limitsFields } from './service/limits.ts';
import { networkFields } from './service/network.ts';
import { sslFields } from './service/ssl.ts';
import { standardFields } from './service/standard.ts';
import { unavailableFields } from './service/unavailable.ts';

/**
 * Every property of a Virtual Service: one entry each, in service/ by the bar it stands under on screen. Order is
 * the order on screen. A SubVS is a Virtual Service with a parent: it has no address of its own.
 */
export const virtualService = Type.Object(
  {
    id: id(),
    ...basicFields,
    ...networkFields,
    ...standardFields,
    ...sslFields,
    ...advancedFields,
    ...contentFields,
    ...limitsFields,
    ...unavailableFields,
    ...healthFields,
  },
  { additionalProperties: false, title: 'Virtual Service' },
);

export type VirtualService = Static<typeof virtualService>;
