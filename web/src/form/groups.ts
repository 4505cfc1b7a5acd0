import type { FieldGroup } from '../../../server/schema/fields.ts';

/** The bars of a service's properties: a LoadMaster's words, in its order. */
export const groupTitles = {
  basic: 'Basic Properties',
  standard: 'Standard Options',
  ssl: 'SSL Properties',
  advanced: 'Advanced Properties',
  content: 'Content Rules',
  limits: 'Limits and Access',
  unavailable: 'Not Available Redirection Handling',
  health: 'Health Check',
  l7: 'L7 Configuration',
  cache: 'Compression and Caching',
  access: 'Access Control',
  gateways: 'Default Gateways',
  names: 'Name & DNS',
  time: 'Time',
  management: 'Management Access',
  ha: 'High Availability',
  backup: 'Automated Backup',
  syslog: 'Syslog',
  email: 'E-mail',
} as const satisfies Record<FieldGroup, string>;

export const groups = Object.keys(groupTitles) as FieldGroup[];
