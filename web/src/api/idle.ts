const PLACE = 'ballast-last-use';
/** Written at most this often: it is for other windows, which count in minutes. */
const EVERY = 5_000;

let last = Date.now();
let written = 0;

/** The session was used: by this window, which tells the others. */
export function noteUse(): void {
  last = Date.now();
  if (last - written < EVERY) return;
  written = last;
  try {
    window.localStorage.setItem(PLACE, String(last));
  } catch {
    // Without a store each window counts for itself.
  }
}

/** When any window of this browser last used the session, milliseconds since 1970. */
export function lastUse(): number {
  let others = 0;
  try {
    others = Number(window.localStorage.getItem(PLACE)) || 0;
  } catch {
    // As above.
  }
  return Math.max(last, others);
}
