/**
 * The state file HAProxy reads at a reload, made from `show servers state` (management guide 2.6, 9.3, version 1).
 * Only health is carried over. Administrative state and weight come from the configuration: an old wish kept here
 * would outlive a new one.
 */
export function healthOnly(dump: string): string {
  const lines = dump.split('\n').filter(line => line.trim() !== '');
  const header =
    lines
      .find(line => line.startsWith('# '))
      ?.slice(2)
      .split(' ') ?? [];
  const admin = header.indexOf('srv_admin_state');
  const operational = header.indexOf('srv_op_state');
  if (admin < 0 || operational < 0) return '1\n';
  const rows = lines
    .filter(line => /^\d+ \S+ \d+ /.test(line))
    .map(line => line.split(' '))
    // In maintenance a server is not checked: it has no health to carry.
    .filter(
      row => (Number(row[admin]) & MAINTENANCE) === 0 && (row[operational] === STOPPED || row[operational] === RUNNING),
    )
    .map(row => row.with(admin, '0').join(' '));
  return `${['1', `# ${header.join(' ')}`, ...rows].join('\n')}\n`;
}

/** SRV_ADMF_FMAINT, _IMAINT, _CMAINT: by command, inherited, by configuration. */
const MAINTENANCE = 0x01 | 0x02 | 0x04;
const STOPPED = '0';
const RUNNING = '2';
