import type { Call } from '../call.ts';

/** Events told elsewhere: syslog by the data plane, mail from here. */
export const getSyslog = ({ services }: Call) => services.dataPlane.syslog();

export const testSyslog = ({ services }: Call) => services.dataPlane.testSyslog();

export const getMail = ({ services }: Call) => services.mails.state(services.revisions().current().config);

export const testMail = ({ services, body }: Call) =>
  services.mails.test(services.revisions().current().config, body.to);
