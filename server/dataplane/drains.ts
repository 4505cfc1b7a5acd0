import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { type Config, settingsOf } from '../schema/config.ts';

/** A server that was disabled while this appliance ran. */
export interface Drain {
  realServer: number;
  /** Milliseconds since 1970: until then the clients that persistence sends to it still get it. */
  until: number;
  /** Its connections end then, whatever the settings say: there was no drain time. */
  drop: boolean;
}

/**
 * Which disabled servers drain, and how long. The configuration only says “disabled”; the time of it is kept here,
 * beside what is applied, so that neither a restart nor a later change begins it anew.
 */
export class Drains {
  readonly #file: string;
  #drains: readonly Drain[];

  /** `file`: where they are kept; one that cannot be read counts as none. */
  constructor(file: string) {
    this.#file = file;
    this.#drains = read(file);
  }

  get now(): readonly Drain[] {
    return this.#drains;
  }

  /** What would drain once `next` takes the place of `before`; changes nothing. */
  planned(before: Config, next: Config, now: number): Drain[] {
    const states = new Map(before.realServers.map(rs => [rs.id, rs.state]));
    // A Layer 4 server that is disabled gets nobody any more (loadmaster-features 3.9, step 5).
    const layer4 = new Set(next.virtualServices.filter(vs => vs.layer === 'l4').map(vs => vs.id));
    const { drainTime } = settingsOf(next);
    return next.realServers
      .filter(rs => rs.state === 'disabled' && !layer4.has(rs.virtualService))
      .flatMap(({ id }): Drain[] => {
        const known = this.#drains.find(drain => drain.realServer === id);
        if (known) return [known];
        const was = states.get(id);
        if (was === undefined || was === 'disabled') return [];
        return [{ realServer: id, until: now + drainTime * 1_000, drop: drainTime === 0 }];
      });
  }

  /** On disk when it returns, so that a restart does not begin anew. Throws when it cannot be written. */
  async set(drains: readonly Drain[]): Promise<void> {
    const text = JSON.stringify(drains);
    if (text === JSON.stringify(this.#drains)) return;
    this.#drains = drains;
    await writeFile(`${this.#file}.next`, text, { mode: 0o600 });
    await rename(`${this.#file}.next`, this.#file);
  }

  /** Those whose time is over. */
  due(now: number): Drain[] {
    return this.#drains.filter(drain => drain.until <= now);
  }
}

/**
 * The configuration as the engine gets it: a server that drains is only closed to new clients. Without persistence
 * nobody is sent to it, and it is disabled at once.
 */
export function withDrains(config: Config, drains: readonly Drain[], now: number): Config {
  const draining = new Set(drains.filter(drain => drain.until > now).map(drain => drain.realServer));
  if (draining.size === 0) return config;
  const sticky = new Set(config.virtualServices.filter(vs => vs.persistence !== 'none').map(vs => vs.id));
  return {
    ...config,
    realServers: config.realServers.map(rs =>
      rs.state === 'disabled' && draining.has(rs.id) && sticky.has(rs.virtualService)
        ? { ...rs, state: 'drain' as const }
        : rs,
    ),
  };
}

function read(file: string): Drain[] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as Drain[]).filter(
      drain => Number.isInteger(drain.realServer) && Number.isFinite(drain.until),
    );
  } catch {
    return [];
  }
}
