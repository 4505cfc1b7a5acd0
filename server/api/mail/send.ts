import { hostname } from 'node:os';
import { createTransport } from 'nodemailer';
import { type Config, settingsOf } from '../../schema/config.ts';

const PATIENCE = 15_000;

export interface Letter {
  to: readonly string[];
  subject: string;
  text: string;
}

/** Hands a mail to the server of the settings and resolves with its answer. Throws an Error with the server's words or why it was not reached. */
export async function sendMail(config: Config, letter: Letter): Promise<string> {
  const settings = settingsOf(config);
  const name = settings.emailDomain || settings.hostName || hostname();
  const trust = config.authorities.find(one => one.id === settings.emailTrust)?.chain ?? '';
  const { emailSecurity: security } = settings;
  const transport = createTransport({
    host: settings.emailServer,
    port: settings.emailPort,
    name,
    secure: security === 'tls',
    ignoreTLS: security === 'none',
    requireTLS: security === 'starttls',
    tls: {
      minVersion: 'TLSv1.2',
      // “If offered” promises nothing, so a certificate nobody can check is as good as none.
      rejectUnauthorized: security !== 'offered',
      ...(trust !== '' && { ca: trust }),
    },
    ...(settings.emailUser !== '' && { auth: { user: settings.emailUser, pass: settings.emailPassword } }),
    connectionTimeout: PATIENCE,
    greetingTimeout: PATIENCE,
    socketTimeout: PATIENCE,
    // A letter is text that we made: nothing is read from files or addresses.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { response } = await transport.sendMail({
      from: { name: 'Ballast', address: settings.emailSender || `ballast@${name}` },
      to: [...letter.to],
      subject: letter.subject,
      text: letter.text,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return response;
  } finally {
    transport.close();
  }
}
