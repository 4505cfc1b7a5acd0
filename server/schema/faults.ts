/**
 * Every fault a user can meet: its HTTP status and its sentence. Words in braces are filled with the
 * fault's facts. A fault is thrown with a code, facts and a place; the sentence is made at the edge.
 */
export const faults = {
  INVALID: [400, '{label} {reason}.'],
  NOT_JSON: [400, 'The request body is not valid JSON.'],
  TOO_LARGE: [413, 'The request body is larger than {limit}.'],
  UNSUPPORTED_TYPE: [415, 'The request body must be JSON.'],
  NOT_FOUND: [404, 'There is no {what} with number {id}.'],
  NO_SUCH_PAGE: [404, 'There is nothing at this address.'],
  NOT_LOGGED_IN: [401, 'Log in first.'],
  BAD_LOGIN: [401, 'User name or password is wrong.'],
  LOCKED_OUT: [429, 'Too many failed log-ins. Try again in {seconds} seconds.'],
  PASSWORD_CHANGE_NEEDED: [403, 'Set a new password first.'],
  WEAK_PASSWORD: [400, 'The password must have at least {min} characters and must not be the old one.'],
  GUESSABLE_PASSWORD: [400, 'The password is {why}: take another, such as a sentence of your own.'],
  NOT_ALLOWED: [403, 'This needs the role “{role}”; you are logged in as “{have}”.'],
  BAD_ORIGIN: [403, 'The request came from a page of another site.'],
  LAST_ADMINISTRATOR: [409, 'This is the last administrator that can log in: make another one first.'],
  NAME_TAKEN: [409, 'There is already a {what} named “{name}”.'],
  ADDRESS_TAKEN: [409, '{address} port {port} is already used by {by}.'],
  SERVER_TAKEN: [409, 'This service already has the Real Server {address} port {port}.'],
  MANAGEMENT_PORT: [409, 'Port {port} is the port of this console. Choose another port.'],
  BAD_ADDRESS: [422, '{address} {reason}.'],
  UNKNOWN_REFERENCE: [422, 'There is no {what} with number {id}.'],
  UNKNOWN_TEMPLATE: [404, 'There is no template “{key}”.'],
  SHIPPED: [409, '“{name}” comes with Ballast and cannot be deleted.'],
  NEEDS: [422, '{label} needs {needs}.'],
  IN_USE: [409, '“{name}” is used by {by}. Take it off there first.'],
  CERTIFICATE_IN_USE: [409, '“{name}” is used by {by}. Take it off there first.'],
  CERTIFICATE_UNREADABLE: [422, 'No certificate could be read: {reason}.'],
  CERTIFICATE_EXPIRED: [422, 'The certificate ended on {date}. Ask its issuer for a new one.'],
  CERTIFICATE_WEAK: [
    422,
    '“{name}” is signed with {algorithm}, which can be forged and which every client refuses. Ask its issuer for a new one.',
  ],
  KEY_MISSING: [422, 'The private key is missing.'],
  KEY_UNREADABLE: [422, 'The private key could not be read: {reason}.'],
  KEY_MISMATCH: [422, 'The certificate was made for another private key.'],
  ANSWER_MISMATCH: [
    422,
    'This is not the answer to the request of “{name}”: the certificate was made for another key. Send that request to the issuer and install what comes back.',
  ],
  KEY_NOT_IN_FILE: [
    422,
    'The file holds no private key for “{name}”, and this appliance has none: restore an encrypted backup, or import the certificate with its key first.',
  ],
  BACKUP_FOREIGN: [422, 'This is no {what} made by Ballast.'],
  BACKUP_NEWER: [422, 'This {what} was made {by}, which is newer than {here}. Update the software first.'],
  BACKUP_DAMAGED: [422, 'The {what} was altered or is not whole. Nothing was changed; take another copy of the file.'],
  NO_BACKUP_TARGET: [409, 'There is nowhere to put a backup yet: set the automated backup up first.'],
  HOST_SILENT: [422, 'No key was seen. {reason}.'],
  PASSPHRASE_WRONG: [422, 'The pass phrase is not the one this {what} was made with.'],
  CRL_UNREADABLE: [422, 'No revocation list could be read: {reason}.'],
  CIPHER_UNKNOWN: [422, 'The cipher {name} {reason}.'],
  KEY_WEAK: [422, 'This key cannot be used: {reason}.'],
  NO_REQUEST: [409, '“{name}” has no signing request that waits for an answer.'],
  REVISION_MOVED: [
    412,
    'Somebody else changed the configuration since revision {base}: it is at {head} now. Load it again and repeat your change.',
  ],
  NEEDS_PRIVILEGE: [
    422,
    '{what} needs the privilege NET_ADMIN, without which Ballast runs here. Layer 7 services at addresses of this machine work.',
  ],
  NOT_AN_APPLIANCE: [409, 'Ballast runs here beside others: reboot or shut down this machine by its own means.'],
  TOO_MANY_RUNS: [429, '{most} tools run already. Wait until one has ended, or end one.'],
  ENGINE_TOO_OLD: [422, '{what} needs HAProxy {needed} or newer; here is {here}.'],
  ENGINE_REFUSED: [422, 'The engine refused the configuration: {reason}.'],
  APPLY_FAILED: [
    500,
    'The change was stored but could not be put into effect: {reason}. The last good configuration still serves.',
  ],
  DATA_PLANE_AWAY: [503, 'The data plane does not answer. Traffic goes on; nothing was changed. Try again.'],
  STORE_DAMAGED: [
    503,
    'The configuration database is damaged: {reason}. Traffic goes on with the last good configuration; nothing can be changed until a copy is restored.',
  ],
  STORE_UNWRITABLE: [
    503,
    'The configuration database cannot be written: {reason}. Traffic goes on as it is; what is stored can still be read.',
  ],
  NETWORK_UNCONFIRMED: [
    409,
    'A change of the network waits to be confirmed: keep it or undo it first. It is undone by itself in {seconds} seconds.',
  ],
  NETWORK_UNDONE: [409, 'The change of the network was undone: {reason}.'],
  NETWORK_REFUSED: [422, 'The network cannot be like this: {reason}.'],
  NETWORK_FAILED: [500, 'The network could not be changed and is as it was: {reason}.'],
  NOTHING_TO_CONFIRM: [409, 'No change of the network waits to be confirmed.'],
  OLD_CONNECTION: [
    409,
    'This came over a connection that was open before the change, which proves nothing. Try again: the next one is new.',
  ],
  OLD_ADDRESS: [409, 'This came in at {address}. Open the console at {wanted} and confirm there.'],
  UPDATE_REFUSED: [409, '{reason}.'],
  INTERNAL: [500, 'Something went wrong inside Ballast. The log has it under {reference}.'],
} as const satisfies Record<string, readonly [number, string]>;

export type FaultCode = keyof typeof faults;

export type FaultFacts = Record<string, string | number>;

/** What a client gets: code, sentence, and where the fault lies as a JSON pointer into the request body. */
export interface FaultReply {
  code: FaultCode;
  message: string;
  at?: string;
}

/** A fault with its facts. `at` is a JSON pointer such as `/port`. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly facts: FaultFacts;
  readonly at: string | undefined;

  constructor(code: FaultCode, facts: FaultFacts = {}, at?: string) {
    super(sentence(code, facts));
    this.name = 'Fault';
    this.code = code;
    this.facts = facts;
    this.at = at;
  }

  get status(): number {
    return faults[this.code][0];
  }

  get reply(): FaultReply {
    return { code: this.code, message: this.message, ...(this.at !== undefined && { at: this.at }) };
  }
}

/** The sentence of a fault; a missing fact stays visible as its word in braces. */
export function sentence(code: FaultCode, facts: FaultFacts): string {
  return faults[code][1].replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}
