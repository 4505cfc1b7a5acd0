import { closeSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

/** Bytes; HAProxy adds a line for every server that goes down or comes back. */
const LARGEST = 1024 * 1024;

/** What HAProxy prints. It appends, so the file may be cut off while it writes. */
export class EngineLog {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Where it ends now, to read from later. Starts anew when it has grown too large. */
  mark(): number {
    if (this.#size() > LARGEST) truncateSync(this.path);
    return this.#size();
  }

  /** What was printed after a mark, at most the first 64 KiB. */
  since(mark: number): string {
    const text = Buffer.alloc(64 * 1024);
    let file: number;
    try {
      file = openSync(this.path, 'r');
    } catch {
      return '';
    }
    try {
      return text.toString('utf8', 0, readSync(file, text, 0, text.length, mark));
    } finally {
      closeSync(file);
    }
  }

  #size = () => statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
}

/** HAProxy's own reason: its first alert that names a cause, without the file's path. */
export function firstAlert(text: string): string {
  const alerts = text.split(/^(?=\[)/m).filter(part => part.startsWith('[ALERT]'));
  const telling =
    // A server without health is told as an alert as well and is no reason to refuse a configuration.
    alerts.find(part => !/Fatal errors|Error\(s\) found|has no server available|is DOWN/.test(part)) ??
    alerts[0] ??
    text.trim().split('\n').at(-1) ??
    '';
  return (
    telling
      .replace(/^\[ALERT\]\s*\(\d+\)\s*:\s*/, '')
      .replace(/^config\s*:\s*/, '')
      // From 3.0 on an alert may go on in lines of its own.
      .trim()
      .replace(/\s*\n\s*/g, ' ')
      .replace(/\.$/, '')
  );
}
