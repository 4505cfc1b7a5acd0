import { type Config, settingsOf } from '../config.ts';
import { Fault } from '../faults.ts';
import { recipientsOf } from '../mail.ts';
import type { Problem } from '../rules.ts';

/** Mail alerts that are on have a server and somebody to write to, and no password goes in the clear. */
export function mailProblems(config: Config): Problem[] {
  const settings = settingsOf(config);
  const faults: Fault[] = [];
  const needs = (wanted: boolean, at: string, label: string, words: string) => {
    if (wanted) faults.push(new Fault('NEEDS', { label, needs: words }, `/${at}`));
  };
  if (settings.emailEnabled) {
    needs(settings.emailServer === '', 'emailServer', 'E-mail Alerts', 'a mail server');
    const nobody = [...recipientsOf(settings).values()].every(list => list.length === 0);
    needs(nobody, 'emailEnabled', 'E-mail Alerts', 'a recipient');
  }
  // Forms do not know the password; the user alone says that there is a log-in.
  needs(
    settings.emailUser !== '' && ['none', 'offered'].includes(settings.emailSecurity),
    'emailSecurity',
    'A log-in at the mail server',
    'STARTTLS or TLS, or the password could be read on the way',
  );
  return faults.map(fault => ({ kind: 'settings', id: 1, fault }));
}
