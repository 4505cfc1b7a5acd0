/** Numbers as people read them, in the fixed width that keeps tables from jumping. Nothing here knows the DOM. */

const UNITS = ['', 'k', 'M', 'G', 'T'];

/** Three significant digits with an SI prefix: 7, 41.2, 998, 1.20 k, 3.41 M. */
export function short(value: number): string {
  let unit = 0;
  let rest = value;
  while (Math.abs(rest) >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit++;
  }
  return unit === 0 ? plain(rest) : `${rest.toPrecision(3)} ${UNITS[unit]}`;
}

function plain(value: number): string {
  if (Number.isInteger(value) || value >= 100) return String(Math.round(value));
  return value < 10 ? String(Number(value.toFixed(1))) : value.toFixed(1);
}

/** Events per second: "412/s". */
export const rate = (perSecond: number): string => `${short(perSecond)}/s`;

/** Bytes, decimal prefixes as network people use: "1.20 MB". */
export const bytes = (count: number): string => {
  const text = short(Math.round(count));
  return text.includes(' ') ? `${text}B` : `${text} B`;
};

/** Bytes per second as bits per second, the unit of links: "8.40 Mbit/s". */
export const bits = (bytesPerSecond: number): string => {
  const text = short(Math.round(bytesPerSecond * 8));
  return text.includes(' ') ? `${text}bit/s` : `${text} bit/s`;
};

/** A value without its unit, for the scale of a graph: "40 M", "0.5". */
export const bare = (text: string): string =>
  text.replace(/ ?(?:bit\/s|\/s|B)$/, '').replace(/(?:\.0+|(\.\d*[1-9])0+)(?= |$)/, '$1');

export const percent = (value: number): string => `${Math.round(value)} %`;

/** A whole number with thin groups: 12 345. */
export const count = (value: number): string => value.toLocaleString('en').replaceAll(',', '\u202f');

/** "1 server", "3 servers". */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

const STEPS: readonly [number, string][] = [
  [86_400_000, 'day'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** A duration in words, milliseconds in: "14 min", "3 h 05 min", "2 days". */
export function duration(milliseconds: number): string {
  const rest = Math.max(0, milliseconds);
  if (rest >= 2 * 86_400_000) return `${Math.floor(rest / 86_400_000)} days`;
  if (rest >= 3_600_000) {
    const minutes = Math.floor(rest / 60_000);
    return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
  }
  const [size, word] = STEPS.find(([size]) => rest >= size) ?? [1_000, 's'];
  return `${Math.floor(rest / size)} ${word}`;
}

/** Time of day, local: "14:03:22". */
export const timeOf = (time: number): string => new Date(time).toLocaleTimeString('sv');

/** Day and time, local: "2026-11-23 14:03". */
export const dateTimeOf = (time: number): string => new Date(time).toLocaleString('sv').slice(0, 16);

/** Day, local: "2026-11-23". */
export const dateOf = (time: number): string => new Date(time).toLocaleDateString('sv');

/** Everything about a moment, for the hover: day, time to the second, zone. */
export const exactly = (time: number): string =>
  `${new Date(time).toLocaleString('sv')} ${new Date(time).toLocaleTimeString('en', { timeZoneName: 'short' }).split(' ').at(-1)}`;
