import {
  IconCertificate,
  IconChartLine,
  IconHelpCircle,
  IconHome,
  IconNetwork,
  IconRoute,
  IconServer,
  IconSettings,
  IconTopologyStar3,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Role } from '../../../server/schema/account.ts';

export interface MenuItem {
  label: string;
  /** A page of the console. */
  to: string;
  /** Two keys after each other that go there. */
  keys?: string;
  /** The least role that finds it in the menu. */
  role?: Role;
}

export interface MenuGroup {
  label: string;
  icon: ComponentType<{ size?: number | string }>;
  /** A group without items is a link itself. */
  to?: string;
  keys?: string;
  items?: MenuItem[];
}

/** The left menu, in the words and the order of a LoadMaster. What does not exist is not here. */
export const menu: MenuGroup[] = [
  { label: 'Home', icon: IconHome, to: '/', keys: 'g h' },
  {
    label: 'Virtual Services',
    icon: IconTopologyStar3,
    items: [
      { label: 'Add New', to: '/virtual-services/new', keys: 'g a', role: 'administrator' },
      { label: 'View/Modify Services', to: '/virtual-services', keys: 'g v' },
      { label: 'Manage Templates', to: '/templates', keys: 'g m' },
    ],
  },
  {
    label: 'Statistics',
    icon: IconChartLine,
    items: [
      { label: 'Real Time Statistics', to: '/statistics', keys: 'g s' },
      { label: 'Statistics History', to: '/statistics/history', keys: 'g b' },
    ],
  },
  { label: 'Real Servers', icon: IconServer, to: '/real-servers', keys: 'g r' },
  { label: 'Content Rules', icon: IconRoute, to: '/content-rules', keys: 'g t' },
  {
    label: 'Certificates & Security',
    icon: IconCertificate,
    items: [
      { label: 'Certificates', to: '/certificates', keys: 'g c' },
      { label: 'Intermediate Certs', to: '/certificates/authorities', keys: 'g i' },
      { label: 'ACME Certificates', to: '/certificates/acme', keys: 'g e' },
      { label: 'Cipher Sets', to: '/certificates/cipher-sets', keys: 'g k' },
    ],
  },
  {
    label: 'Network Setup',
    icon: IconNetwork,
    items: [
      { label: 'Interfaces', to: '/network/interfaces', keys: 'g n' },
      { label: 'Routes', to: '/network/routes', keys: 'g o' },
      { label: 'Name & DNS', to: '/network/names', keys: 'g d' },
      { label: 'Time', to: '/network/time', keys: 'g q' },
      { label: 'Management Access', to: '/network/management', keys: 'g x' },
      { label: 'Tools', to: '/tools', keys: 'g w' },
    ],
  },
  {
    label: 'System Configuration',
    icon: IconSettings,
    items: [
      { label: 'L7 Configuration', to: '/settings', keys: 'g l' },
      { label: 'History', to: '/history', keys: 'g y' },
      { label: 'Users & API Keys', to: '/users', keys: 'g u', role: 'administrator' },
      { label: 'Backup/Restore', to: '/backup', keys: 'g j', role: 'administrator' },
      { label: 'Syslog', to: '/syslog' },
      { label: 'E-mail', to: '/email' },
      { label: 'Reboot/Shutdown', to: '/power', keys: 'g f', role: 'administrator' },
      { label: 'Support Bundle', to: '/support', role: 'administrator' },
      { label: 'Update Software', to: '/update', keys: 'g p', role: 'administrator' },
    ],
  },
  {
    label: 'Help',
    icon: IconHelpCircle,
    items: [
      { label: 'Keyboard', to: '?keys', keys: '?' },
      { label: 'LoadMaster API', to: '/loadmaster-api', keys: 'g z' },
      { label: 'API (OpenAPI)', to: '/api/openapi.json' },
    ],
  },
];

/** The entry a path belongs to: the longest that it begins with. */
export function entryOf(pathname: string): string | undefined {
  return pages
    .map(page => page.to)
    .filter(to => pathname === to || (to !== '/' && pathname.startsWith(`${to}/`)))
    .sort((a, b) => b.length - a.length)[0];
}

/** Every page of the menu in one list, a group's name before its items'. */
export const pages: (MenuItem & { group: string })[] = menu.flatMap(group =>
  group.to
    ? [{ label: group.label, to: group.to, group: '', ...(group.keys && { keys: group.keys }) }]
    : (group.items ?? []).map(item => ({ ...item, group: group.label })),
);
