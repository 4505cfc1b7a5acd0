import type { History } from '../schema/status.ts';

const NAMES = ['connections', 'connectionRate', 'requestRate', 'inRate', 'outRate'] as const;
const SYSTEM_NAMES = ['cpu', 'memoryUsed', 'networkIn', 'networkOut', 'tlsRate'] as const;
type Name = (typeof NAMES)[number] | (typeof SYSTEM_NAMES)[number];
export type Sample = { [K in Name]?: number };

/** A ring of samples at one resolution, allocated once: 4 bytes a value, seven digits, enough for a graph. */
class Ring {
  readonly #names: readonly Name[];
  readonly #step: number;
  readonly #times: Float64Array;
  readonly #values: Float32Array[];
  #next = 0;
  #length = 0;
  #last = 0;

  constructor(names: readonly Name[], size: number, step: number) {
    this.#names = names;
    this.#step = step;
    this.#times = new Float64Array(size);
    this.#values = names.map(() => new Float32Array(size));
  }

  add(time: number, sample: Sample): void {
    // The clock of the one who samples is not exact.
    if (time - this.#last < this.#step - SLACK) return;
    this.#last = time;
    this.#times[this.#next] = time;
    for (const [at, name] of this.#names.entries()) (this.#values[at] as Float32Array)[this.#next] = sample[name] ?? 0;
    this.#next = (this.#next + 1) % this.#times.length;
    this.#length = Math.min(this.#length + 1, this.#times.length);
  }

  since(from: number): { time: number[]; columns: Map<Name, number[]> } {
    const size = this.#times.length;
    const order = Array.from({ length: this.#length }, (_, i) => (this.#next - this.#length + i + size) % size).filter(
      at => (this.#times[at] as number) >= from,
    );
    return {
      time: order.map(at => this.#times[at] as number),
      columns: new Map(
        this.#names.map((name, i) => [name, order.map(at => (this.#values[i] as Float32Array)[at] as number)]),
      ),
    };
  }
}

const SECOND = 1_000;
const SLACK = 100;
const FINE = { size: 300, step: SECOND };
const COARSE = { size: 2_160, step: 10 * SECOND };
/** Above this many objects, Real Servers keep only the last hour at 10 s: 1,000 services with 10 servers then take about 150 MB less. */
const MANY = 500;

/** Samples of every object since the data plane started: 5 minutes by the second, 6 hours by 10 seconds. */
export class Histories {
  readonly #rings = new Map<string, Ring[]>();

  add(key: string, time: number, sample: Sample): void {
    let rings = this.#rings.get(key);
    if (!rings) {
      const names = key === 'system' ? [...NAMES, ...SYSTEM_NAMES] : NAMES;
      const small = key.startsWith('server:') && this.#rings.size > MANY;
      const sizes = small ? [{ size: 360, step: 10 * SECOND }] : [FINE, COARSE];
      rings = sizes.map(({ size, step }) => new Ring(names, size, step));
      this.#rings.set(key, rings);
    }
    for (const ring of rings) ring.add(time, sample);
  }

  /** The finest samples that cover the last `seconds`. An unknown object has an empty history. */
  read(key: string, seconds: number, now: number): History {
    const rings = this.#rings.get(key) ?? [];
    const ring = seconds <= (FINE.size * FINE.step) / SECOND ? rings[0] : rings.at(-1);
    const { time, columns } = ring?.since(now - seconds * SECOND) ?? { time: [], columns: new Map<Name, number[]>() };
    const column = (name: Name) => columns.get(name) ?? [];
    return {
      time,
      connections: column('connections'),
      connectionRate: column('connectionRate'),
      requestRate: column('requestRate'),
      inRate: column('inRate'),
      outRate: column('outRate'),
      ...(key === 'system' && {
        cpu: column('cpu'),
        memoryUsed: column('memoryUsed'),
        networkIn: column('networkIn'),
        networkOut: column('networkOut'),
        tlsRate: column('tlsRate'),
      }),
    };
  }

  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#rings.keys()) if (!keys.has(key)) this.#rings.delete(key);
  }
}
