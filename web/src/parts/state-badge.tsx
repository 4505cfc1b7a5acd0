import type { ServerState, ServiceState } from '../../../server/schema/status.ts';

/** Colour is for state only, and never alone: every state has a shape and a word of its own. */
const LOOKS = {
  up: { word: 'up', tone: 'good', shape: <circle cx="6" cy="6" r="4.5" /> },
  degraded: { word: 'degraded', tone: 'warn', shape: <path d="M6 1.2 11.2 10.5H.8Z" /> },
  down: { word: 'down', tone: 'bad', shape: <path d="m2 2 8 8M10 2l-8 8" className="stroke" /> },
  disabled: { word: 'disabled', tone: 'off', shape: <circle cx="6" cy="6" r="4" className="line" /> },
  sorry: { word: 'sorry', tone: 'warn', shape: <path d="M6 .8 11.2 6 6 11.2.8 6Z" /> },
  redirect: { word: 'redirect', tone: 'warn', shape: <path d="M6 .8 11.2 6 6 11.2.8 6Z" /> },
  unchecked: { word: 'unchecked', tone: 'info', shape: <path d="M6 1.4 10.6 6 6 10.6 1.4 6Z" className="line" /> },
  drain: { word: 'draining', tone: 'info', shape: <path d="M6 1.5v7M2.5 5.5 6 9l3.5-3.5M2 11h8" className="line" /> },
  pending: {
    word: 'pending',
    tone: 'off',
    shape: <circle cx="6" cy="6" r="4" className="line" strokeDasharray="2.2 2" />,
  },
} as const satisfies Record<ServiceState | ServerState, { word: string; tone: string; shape: React.ReactNode }>;

export type AnyState = keyof typeof LOOKS;

/** The word of a state, for sentences, filters and sorting. */
export const wordOf = (state: AnyState): string => LOOKS[state].word;

/** Worst first, for sorting. */
export const badness: Record<AnyState, number> = {
  down: 0,
  degraded: 1,
  sorry: 2,
  redirect: 2,
  pending: 3,
  drain: 4,
  unchecked: 5,
  up: 6,
  disabled: 7,
};

/** The shape alone, where the words beside it say the state already. */
export function StateMark({ state }: { state: AnyState }) {
  const { tone, shape } = LOOKS[state];
  return (
    <span className="state" data-tone={tone}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {shape}
      </svg>
    </span>
  );
}

/** Shape, colour and word of a state. `bare` leaves the word to screen readers and the hover. */
export function StateBadge({ state, bare = false }: { state: AnyState; bare?: boolean }) {
  const { word, tone, shape } = LOOKS[state];
  return (
    <span className="state" data-tone={tone} title={bare ? word : undefined}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {shape}
      </svg>
      {bare ? <span className="unseen">{word}</span> : word}
    </span>
  );
}
