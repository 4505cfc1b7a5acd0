/**
 * The only two ways a value gets into HAProxy's configuration.
 * Rules of quoting: HAProxy configuration manual 2.6, section 2.2.
 */

/** A value that is one word as it stands. Anything that could end a word, open a quote or start a comment is refused. */
export function word(value: string | number): string {
  const text = String(value);
  if (text === '' || /[\s"'#\\$]|[^\x21-\x7e]/.test(text))
    throw new Error(`not one safe word: ${JSON.stringify(text)}`);
  return text;
}

/**
 * Free text as one strongly quoted word: between single quotes HAProxy expands nothing. A line end or a NUL
 * cannot be written there at all and is refused.
 */
export function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) throw new Error(`a control character in a quoted value: ${JSON.stringify(text)}`);
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** As quoted(), and line ends and tabs are kept, as escapes between the quotes. */
export function quotedLines(text: string): string {
  const escapes: Record<string, string> = { '\n': '\\n', '\t': '\\t' };
  return text
    .split(/([\n\t])/)
    .filter(part => part !== '')
    .map(part => escapes[part] ?? quoted(part))
    .join('');
}

/** Free text inside a log format: as quoted(), and `%` does not start a variable. */
export function formatted(text: string): string {
  return text.replaceAll('%', '%%');
}
