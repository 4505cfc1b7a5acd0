import ipaddr from 'ipaddr.js';
import { minPassphrase } from '../backup.ts';
import { type Config, type Facts, settingsOf } from '../config.ts';
import { Fault } from '../faults.ts';
import type { Problem } from '../rules.ts';

/** A schedule has all it needs, or is off. Keys and host keys are SFTP's own. */
export function backupProblems(config: Config, facts: Facts): Problem[] {
  const settings = settingsOf(config);
  const faults: Fault[] = [];
  const { backupHost: host, backupPassphrase: passphrase } = settings;
  const needs = (wanted: boolean, at: string, words: string) => {
    if (wanted) faults.push(new Fault('NEEDS', { label: 'Automated Backup', needs: words }, `/${at}`));
  };
  if (ipaddr.isValid(host)) {
    const range = ipaddr.process(host).range();
    if (
      ['linkLocal', 'unspecified', 'multicast', 'broadcast'].includes(range) ||
      (range === 'loopback' && !facts.loopback)
    )
      faults.push(
        new Fault(
          'BAD_ADDRESS',
          { address: host, reason: 'is no other machine that could take backups' },
          '/backupHost',
        ),
      );
  }
  if (passphrase !== undefined && passphrase !== '' && passphrase.length < minPassphrase)
    faults.push(
      new Fault(
        'INVALID',
        { label: 'Pass Phrase of Backups', reason: `must have at least ${minPassphrase} characters` },
        '/backupPassphrase',
      ),
    );
  if (settings.backupEnabled) {
    const sftp = settings.backupMethod === 'sftp';
    needs(host === '', 'backupHost', 'a remote host');
    // Forms never see secrets: there they are undefined and not for them to judge.
    needs(passphrase === '', 'backupPassphrase', 'a pass phrase');
    needs(sftp && settings.backupUser === '', 'backupUser', 'a remote user for SFTP');
    needs(sftp && settings.backupHostKey === '', 'backupHostKey', 'the host key of the remote host for SFTP');
    needs(sftp && settings.backupKey === '', 'backupKey', 'a key of this appliance for SFTP');
  }
  return faults.map(fault => ({ kind: 'settings', id: 1, fault }));
}
