import type { Config } from '../config.ts';
import { Fault } from '../faults.ts';
import type { Problem } from '../rules.ts';

/** A certificate that renews itself needs names to be issued for. */
export const acmeProblems = (config: Config): Problem[] =>
  config.certificates
    .filter(({ acmeAccount, acmeNames }) => acmeAccount > 0 && acmeNames.length === 0)
    .map(({ id, name }) => ({
      kind: 'certificate',
      id,
      fault: new Fault('NEEDS', { label: `“${name}”`, needs: 'at least one host name' }, '/acmeNames'),
    }));
