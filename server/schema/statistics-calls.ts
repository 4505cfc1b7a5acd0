import Type from 'typebox';
import type { HistorySeries } from './status.ts';

const OBJECT = '(?:system|interface:[A-Za-z][A-Za-z0-9._-]{0,14}|service:[1-9][0-9]{0,9}|server:[1-9][0-9]{0,9})';
const MEASURE = '(?:connections|connectionRate|requestRate|inRate|outRate|cpu|memoryUsed|networkIn|networkOut|tlsRate)';
const YEAR = 366 * 86_400;

const query = Type.Object(
  {
    of: Type.String({
      pattern: `^${OBJECT}(?:,${OBJECT})*$`,
      maxLength: 12_000,
      description: 'system, interface:NAME, service:ID or server:ID; several with commas',
    }),
    seconds: Type.Integer({ minimum: 60, maximum: YEAR, description: 'How far back, up to a year' }),
    points: Type.Optional(Type.Integer({ minimum: 2, maximum: 2_000, description: 'The most periods wanted: 300' })),
    values: Type.Optional(
      Type.String({ pattern: `^${MEASURE}(?:,${MEASURE})*$`, maxLength: 200, description: 'Only these, with commas' }),
    ),
  },
  { additionalProperties: false },
);

/** Calls of Statistics. */
export const statisticsCalls = {
  getHistorySeries: {
    method: 'GET',
    path: '/api/history/series',
    role: 'read-only',
    tag: 'Status',
    summary: 'Averages and peaks of several objects on one time line, up to a year back.',
    query,
    reply: Type.Unsafe<HistorySeries>({ type: 'object', additionalProperties: true, description: 'Series' }),
  },
  getHistoryCsv: {
    method: 'GET',
    path: '/api/history/csv',
    role: 'read-only',
    tag: 'Status',
    summary: 'The same as a table for other programs: a line for each object and period.',
    query,
    reply: Type.Unsafe<string>({ type: 'string', description: 'CSV (RFC 4180), times in ISO 8601' }),
  },
  resetStatistics: {
    method: 'POST',
    path: '/api/statistics/reset',
    role: 'administrator',
    tag: 'Status',
    summary: 'Begin all totals at 0 and forget the history of traffic.',
    reply: Type.Unsafe<{ reset: true }>({ type: 'object', additionalProperties: true, description: 'Reset' }),
  },
} as const;
