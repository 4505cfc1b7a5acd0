/** Unified-style diff of two texts by line, with `context` lines around each change; empty when they are equal. */
export function diff(before: string, after: string, context = 2): string {
  const a = before.split('\n');
  const b = after.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const lines = middle(a.slice(start, a.length - end), b.slice(start, b.length - end));
  if (lines.length === 0) return '';
  return [
    ...a.slice(Math.max(0, start - context), start).map(line => ` ${line}`),
    ...folded(lines, context),
    ...a.slice(a.length - end, a.length - end + context).map(line => ` ${line}`),
  ].join('\n');
}

/** Longest common subsequence; above a size that would take long, everything counts as changed. */
function middle(a: string[], b: string[]): string[] {
  if (a.length * b.length > 4_000_000) return [...a.map(line => `-${line}`), ...b.map(line => `+${line}`)];
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] as number;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(` ${a[i]}`);
      i++;
      j++;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) lines.push(`-${a[i++]}`);
    else lines.push(`+${b[j++]}`);
  }
  return lines;
}

/** Leaves out long runs of unchanged lines. */
function folded(lines: string[], context: number): string[] {
  const near = (at: number) => lines.slice(Math.max(0, at - context), at + context + 1).some(line => line[0] !== ' ');
  return lines.flatMap((line, at) => (near(at) ? [line] : near(at - 1) ? ['@@'] : []));
}
