import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ProxySet } from '../compile/proxy.ts';
import type { Paths } from '../paths.ts';
import { ask } from './haproxy-socket.ts';
import { type Answer, type Asked, askedOf, askResponder } from './ocsp-answer.ts';

/** Milliseconds after which a responder that gave nothing is asked again. */
const AGAIN = 300_000;
/** No answer is asked for again sooner, however short it holds. */
const SOONEST = 10_000;
const LONGEST = 86_400_000;

interface Kept {
  asked: Asked | string;
  answer: Answer | undefined;
  /** When to ask next. */
  due: number;
  /** The stage and answer that the running worker was last given. */
  given: string;
  told: string;
}

type Tell = (severity: 'good' | 'warning' | 'bad', text: string) => void;

/**
 * Keeps the issuer's word about certificates beside them (OCSP stapling): which, say the files below `ocsp/` of a set.
 * Answers are fetched here, kept on disk, put into every stage and given to the worker that runs. One that has ended
 * HAProxy does not show.
 */
export class Stapling {
  readonly #paths: Paths;
  readonly #loopback: boolean;
  readonly #tell: Tell;
  readonly #kept = new Map<string, Kept>();
  #looking = false;

  constructor(paths: Paths, loopback: boolean, tell: Tell) {
    this.#paths = paths;
    this.#loopback = loopback;
    this.#tell = tell;
  }

  /** Fetches what is due and gives it to the engine; quick when nothing is. Never rejects. */
  async look(applied: { stage: string; files: ProxySet['files'] }, now: number): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const wanted = Object.entries(applied.files).filter(([name]) => name.startsWith('ocsp/'));
      if (wanted.length > 0) await mkdir(folderOf(this.#paths), { recursive: true, mode: 0o700 });
      for (const [name, pem] of wanted) await this.#one(name, pem, applied.stage, now);
      const marks = new Set(wanted.map(([, pem]) => markOf(pem)));
      for (const mark of this.#kept.keys()) if (!marks.has(mark)) this.#kept.delete(mark);
    } catch (error) {
      this.#tell('warning', `OCSP stapling: ${(error as Error).message}`);
    } finally {
      this.#looking = false;
    }
  }

  async #one(name: string, pem: string, stage: string, now: number): Promise<void> {
    const mark = markOf(pem);
    const kept = this.#kept.get(mark) ?? (await this.#begin(pem));
    this.#kept.set(mark, kept);
    const { asked } = kept;
    const certificate = `certs/${basename(name)}`;
    if (typeof asked === 'string') return this.#say(kept, 'warning', `has no OCSP answer to staple: ${asked}`, pem);
    if (now >= kept.due) await this.#ask(kept, asked, pem, now);
    if (!kept.answer || kept.answer.nextUpdate <= now) return;
    const given = `${stage} ${kept.answer.response}`;
    if (kept.given === given) return;
    const staged = await readFile(join(stage, `${certificate}.ocsp`), 'base64').catch(() => '');
    if (staged !== kept.answer.response) await this.#give(certificate, asked, kept.answer);
    kept.given = given;
  }

  async #begin(pem: string): Promise<Kept> {
    const answer = await stored(this.#paths, pem);
    return { asked: askedOf(pem), answer, due: answer ? dueOf(answer, 0) : 0, given: '', told: '' };
  }

  async #ask(kept: Kept, asked: Asked, pem: string, now: number): Promise<void> {
    kept.due = now + AGAIN;
    try {
      kept.answer = await askResponder(folderOf(this.#paths), asked, this.#loopback);
      kept.due = dueOf(kept.answer, now);
      const path = join(folderOf(this.#paths), `${markOf(pem)}.json`);
      await writeFile(`${path}.next`, JSON.stringify(kept.answer), { mode: 0o600 });
      await rename(`${path}.next`, path);
      if (kept.told !== '') this.#say(kept, 'good', '', pem);
    } catch (error) {
      const reason = (error as Error).message;
      if (/revoked/.test(reason)) kept.answer = undefined;
      this.#say(kept, 'bad', `has no new OCSP answer to staple: ${reason}`, pem);
    }
  }

  /** Runtime commands of the running worker; a new one reads the stage's own file. */
  async #give(certificate: string, asked: Asked, answer: Answer): Promise<void> {
    const tell = (line: string, payload?: string) => ask(this.#paths.statsSocket, line, payload);
    await tell(`set ssl cert ${certificate}.issuer`, asked.issuer.toString());
    await tell(`set ssl cert ${certificate}.ocsp`, answer.response);
    const done = await tell(`commit ssl cert ${certificate}`);
    if (/Success/.test(done)) return;
    await tell(`abort ssl cert ${certificate}`);
    throw new Error(`HAProxy does not take the answer about ${certificate}: ${done.trim()}`);
  }

  /** What goes on is told once. */
  #say(kept: Kept, severity: 'good' | 'warning' | 'bad', text: string, pem: string): void {
    if (kept.told === text) return;
    kept.told = text;
    const asked = askedOf(pem);
    const subject = typeof asked === 'string' ? '' : (/CN=(.*)/.exec(asked.certificate.subject)?.[1] ?? '');
    const who = subject ? `The certificate of “${subject}”` : 'A certificate';
    this.#tell(severity, text ? `${who} ${text}` : `${who} has an OCSP answer to staple again`);
  }
}

/** Beside the certificates of a new stage what was fetched for them; a loss costs only what is fetched again. */
export async function staple(paths: Paths, folder: string, files: ProxySet['files']): Promise<void> {
  for (const [name, pem] of Object.entries(files)) {
    if (!name.startsWith('ocsp/')) continue;
    const answer = await stored(paths, pem);
    const asked = askedOf(pem);
    if (!answer || answer.nextUpdate <= Date.now() || typeof asked === 'string') continue;
    const certificate = join(folder, 'certs', basename(name));
    // HAProxy refuses an answer whose issuer it cannot find; it may be no part of the chain.
    await writeFile(`${certificate}.issuer`, asked.issuer.toString(), { mode: 0o600 });
    await writeFile(`${certificate}.ocsp`, Buffer.from(answer.response, 'base64'), { mode: 0o600 });
  }
  await forgetOld(paths).catch(() => {});
}

async function stored(paths: Paths, pem: string): Promise<Answer | undefined> {
  try {
    return JSON.parse(await readFile(join(folderOf(paths), `${markOf(pem)}.json`), 'utf8')) as Answer;
  } catch {
    return undefined;
  }
}

/** Answers that have ended serve nobody. */
async function forgetOld(paths: Paths): Promise<void> {
  for (const name of await readdir(folderOf(paths))) {
    if (!name.endsWith('.json')) continue;
    const path = join(folderOf(paths), name);
    const { nextUpdate } = JSON.parse(await readFile(path, 'utf8')) as Answer;
    if (nextUpdate < Date.now()) await rm(path, { force: true });
  }
}

const folderOf = (paths: Paths) => join(paths.dataplane, 'ocsp');

/** One answer per certificate: the first block of the file. */
const markOf = (pem: string) =>
  createHash('sha256')
    .update(pem.slice(0, pem.indexOf('-----END')))
    .digest('hex');

/** Half way to its end, or a day. */
const dueOf = ({ thisUpdate, nextUpdate }: Answer, now: number) =>
  Math.max(now + SOONEST, Math.min(thisUpdate + (nextUpdate - thisUpdate) / 2, now > 0 ? now + LONGEST : Infinity));
