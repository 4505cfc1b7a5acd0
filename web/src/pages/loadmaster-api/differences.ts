import text from '../../../../docs/loadmaster-api-differences.md?raw';

export interface Difference {
  what: string;
  here: string;
  why: string;
}

/** The table of docs/loadmaster-api-differences.md: one source for people who read it there and here. */
export const differences: readonly Difference[] = text
  .split('\n')
  .filter(line => line.startsWith('| ') && !line.startsWith('| what |'))
  .map(line => line.replace(/^\||\|$/g, '').split('|'))
  .map(([what = '', here = '', why = '']) => ({ what: plain(what), here: plain(here), why: plain(why) }));

/** Without the marks: links by their words. */
function plain(markdown: string): string {
  return markdown
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .trim();
}

/** Those that name this command as a whole word. */
export const differencesOf = (command: string): readonly Difference[] =>
  differences.filter(({ what }) => what.split(/[\s,()]+/).includes(command));
