import { X509Certificate } from 'node:crypto';
import type { AcmeAccount } from '../../schema/acme-account.ts';
import type { AcmeCertificate } from '../../schema/acme-calls.ts';
import type { Certificate } from '../../schema/certificate.ts';
import type { Config, Facts } from '../../schema/config.ts';
import { Fault } from '../../schema/faults.ts';
import { portRanges } from '../../schema/networks.ts';
import type { Committer } from '../commit.ts';
import type { DataPlaneClient } from '../data-plane.ts';
import { order } from './order.ts';
import { ProgressFile } from './progress.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const AT_START = 3_000;
/** Who renews by a clock all at once makes the authority refuse some. */
const SPREAD = HOUR;
const WHO = 'acme';

interface Needs {
  /** Throws while the store is damaged. */
  config: () => Config;
  committer: () => Committer;
  dataPlane: DataPlaneClient;
  facts: Facts;
  file: string;
  say: (text: string) => void;
}

/** Issues certificates and renews them in time: looks every hour, never runs two orders at once. */
export class AcmeKeeper {
  readonly #needs: Needs;
  readonly #progress: ProgressFile;
  readonly #waiting = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #working = false;
  #stopped = false;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#progress = new ProgressFile(needs.file);
  }

  start(): void {
    this.#wakeIn(AT_START);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Orders this certificate as soon as no other order runs. Throws what is missing, as a sentence. */
  now(id: number): void {
    const config = this.#needs.config();
    const certificate = config.certificates.find(one => one.id === id);
    if (!certificate?.acmeAccount) throw new Fault('NOT_FOUND', { what: 'ACME certificate', id });
    refuseUnservable(config, certificate.acmeAccount);
    this.#waiting.add(id);
    void this.#work();
  }

  view({ id, name, chain, acmeAccount, acmeNames, renewDays }: Certificate): AcmeCertificate {
    const { running, step, error, lastTry, nextTry } = this.#progress.of(id);
    const waits = this.#waiting.has(id);
    const notAfter = chain ? Date.parse(new X509Certificate(chain).validTo) : null;
    const state = running ? 'running' : waits ? 'waiting' : error ? 'failed' : chain ? 'issued' : 'waiting';
    return {
      id,
      name,
      account: acmeAccount,
      names: acmeNames,
      renewDays,
      notAfter,
      state,
      step: running ? step : waits ? 'Waits for its turn.' : '',
      error,
      lastTry,
      nextTry: running || waits ? null : (nextTry ?? (chain ? dueAt(chain, renewDays) : null)),
    };
  }

  #wakeIn(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.#look(), ms).unref();
  }

  /** Puts what is due into the queue. */
  #look(): void {
    let soonest = HOUR;
    try {
      const now = Date.now();
      const mine = this.#needs.config().certificates.filter(one => one.acmeAccount > 0);
      this.#progress.keep(new Set(mine.map(one => one.id)));
      for (const { id, chain, renewDays } of mine) {
        const progress = this.#progress.of(id);
        // This process ended in the middle of it: the authority keeps nothing that a new order would lack.
        if (progress.running && !this.#working) this.#waiting.add(id);
        if (chain && dueAt(chain, renewDays) > now) continue;
        if (progress.nextTry === null && chain) {
          // Not for one that would end meanwhile.
          const left = Date.parse(new X509Certificate(chain).validTo) - now;
          this.#progress.set(id, { nextTry: now + Math.random() * Math.min(SPREAD, Math.max(0, left / 10)) });
        }
        const next = this.#progress.of(id).nextTry ?? now;
        if (next <= now) this.#waiting.add(id);
        else soonest = Math.min(soonest, next - now);
      }
    } catch (error) {
      this.#needs.say(`Looking for certificates to renew failed: ${(error as Error).message}`);
    }
    this.#wakeIn(Math.max(soonest, 1_000));
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    while (!this.#stopped) {
      const [id] = this.#waiting;
      if (id === undefined) break;
      this.#waiting.delete(id);
      await this.#one(id).catch(error => this.#needs.say(`An ACME order ended: ${(error as Error).message}`));
    }
    this.#working = false;
  }

  async #one(id: number): Promise<void> {
    const certificate = this.#needs.config().certificates.find(one => one.id === id);
    if (!certificate || certificate.acmeAccount === 0) return;
    this.#progress.set(id, { running: true, step: 'Begins.', lastTry: Date.now() });
    try {
      await this.#order(certificate);
      this.#progress.set(id, { running: false, step: '', error: '', failures: 0, nextTry: null });
      await this.#tell('good', `“${certificate.name}” was issued by ACME.`);
    } catch (error) {
      // Ended from outside: begun again at the next start.
      if (this.#stopped) return;
      const failures = this.#progress.of(id).failures + 1;
      const reason = sentenceOf(error as Error);
      const nextTry = Date.now() + Math.min(DAY, HOUR * 2 ** (failures - 1));
      this.#progress.set(id, { running: false, step: '', error: reason, failures, nextTry });
      await this.#tell('bad', `“${certificate.name}” was not issued by ACME: ${reason}`);
    }
  }

  async #order(certificate: Certificate): Promise<void> {
    const config = this.#needs.config();
    const account = refuseUnservable(config, certificate.acmeAccount);
    const { dataPlane, facts } = this.#needs;
    const material = await order({
      account,
      names: certificate.acmeNames,
      trust: config.authorities.find(one => one.id === account.trust)?.chain ?? '',
      loopback: facts.loopback,
      challenge: dataPlane.challenge,
      registered: change => this.#commit('acmeAccount', account.id, change),
      step: step => this.#progress.set(certificate.id, { step }),
    });
    await this.#commit('certificate', certificate.id, material);
  }

  /** An edit like any other. What somebody deleted meanwhile stays so. */
  async #commit(kind: 'acmeAccount' | 'certificate', id: number, change: object): Promise<void> {
    await this.#needs.committer().write({
      who: WHO,
      base: undefined,
      dryRun: false,
      edits: config => {
        const list: readonly { id: number }[] = kind === 'certificate' ? config.certificates : config.acmeAccounts;
        const now = list.find(one => one.id === id);
        return now ? [{ op: 'replace', kind, id, value: { ...now, ...change } as Certificate | AcmeAccount }] : [];
      },
      objectOf: () => undefined,
    });
  }

  async #tell(severity: 'good' | 'bad', text: string): Promise<void> {
    this.#needs.say(text);
    await this.#needs.dataPlane.tell({ severity, text }).catch(() => {});
  }
}

/** The account, if the authority would find somebody to ask. Throws NEEDS. */
export function refuseUnservable(config: Config, id: number): AcmeAccount {
  const account = config.acmeAccounts.find(one => one.id === id);
  if (!account) throw new Fault('UNKNOWN_REFERENCE', { what: 'ACME Account', id }, '/account');
  const port = account.challengePort;
  const answers = config.virtualServices.some(
    vs =>
      vs.enabled &&
      vs.type === 'http' &&
      !vs.tls &&
      vs.parent === 0 &&
      (vs.port === port || portRanges(vs.extraPorts).some(([from, to]) => from <= port && port <= to)),
  );
  if (answers) return account;
  throw new Fault(
    'NEEDS',
    {
      label: 'ACME',
      needs: `an enabled HTTP service without SSL on port ${port}, where the authority asks for the proof`,
    },
    '/account',
  );
}

/** When a certificate is to be renewed: so many days before its end, or at half its life when that is later. */
function dueAt(chain: string, renewDays: number): number {
  const { validFrom, validTo } = new X509Certificate(chain);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  return Math.max(to - renewDays * DAY, from + (to - from) / 2);
}

/** Begins with a capital, ends with a full stop, one line. */
function sentenceOf({ message }: Error): string {
  const text = message.replace(/\s+/g, ' ').trim().slice(0, 400) || 'The authority gave no reason';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
