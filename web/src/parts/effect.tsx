import type { Effect, Preview } from '../../../server/schema/status.ts';

const WORDS: Record<Effect, string> = {
  none: 'nothing changes for traffic',
  runtime: 'takes effect at once, no connection is lost',
  reload: 'the engine reloads, no connection is lost',
};

/** What putting a change into effect does to traffic, in words. */
export const effectWords = (effect: Effect): string => WORDS[effect];

/** What a change would do: sentences, then the effect on traffic. */
export function PreviewWords({ preview }: { preview: Preview }) {
  return (
    <div className="preview">
      {preview.words.length > 0 && (
        <ul>
          {preview.words.map(sentence => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      <p className="quiet">Effect: {effectWords(preview.effect)}.</p>
    </div>
  );
}

/** A unified diff, lines coloured and marked. */
export function Diff({ text }: { text: string }) {
  if (!text.trim()) return <p className="quiet">The generated configuration stays the same.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="diff" tabIndex={0} aria-label="Changes of the generated configuration">
      {text
        .trimEnd()
        .split('\n')
        .map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of one fixed text
          <span key={index} data-kind={kindOf(line)}>
            {line || ' '}
          </span>
        ))}
    </section>
  );
}

const kindOf = (line: string) =>
  line.startsWith('@@')
    ? 'place'
    : line.startsWith('+++') || line.startsWith('---')
      ? 'file'
      : line.startsWith('+')
        ? 'added'
        : line.startsWith('-')
          ? 'removed'
          : 'same';
