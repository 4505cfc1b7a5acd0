import type { Occurrence } from './status.ts';
import type { Level } from './syslog.ts';

const OF_SEVERITY: Readonly<Record<Occurrence['severity'], Level>> = {
  bad: 'error',
  warning: 'warning',
  good: 'notice',
  info: 'info',
};

/** The level of an event for those who are told elsewhere. */
export const levelOf = ({ severity, critical }: Occurrence): Level => (critical ? 'critical' : OF_SEVERITY[severity]);
