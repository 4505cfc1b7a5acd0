import type { QueryClient } from '@tanstack/react-query';
import { endpoints } from '../../../server/schema/endpoints.ts';
import type { History, Occurrence, Outcome, StatusEvent } from '../../../server/schema/status.ts';
import { type Live, merged } from './live.ts';
import { remember } from './recent.ts';

/** How the console hears of the appliance. 'quiet': the API answers, but no status comes from the data plane. */
export interface Connection {
  state: 'connecting' | 'open' | 'quiet' | 'lost';
  /** Milliseconds since 1970 of the last status heard; 0 before the first. */
  heard: number;
}

export const keys = {
  status: ['status'],
  connection: ['connection'],
  occurrences: ['occurrences'],
  /** Everything that only a new revision can change hangs under this. */
  config: ['config'],
  history: ['history'],
} as const;

/** Longer than the longest pause between two samples of a busy appliance. */
const QUIET_AFTER = 15_000;
const RETRY_AFTER = 3_000;
const MOST_OCCURRENCES = 500;

/**
 * Opens the one event stream and writes what it tells into the query cache. Returns the way to close it.
 * `onRefused` is called when the server refuses the stream, which is how an ended session shows.
 */
export function listen(client: QueryClient, onRefused: () => void): () => void {
  let source: EventSource;
  let opened = Date.now();
  let retry: ReturnType<typeof setTimeout> | undefined;

  const tell = (state: Connection['state'], heard?: number) =>
    client.setQueryData<Connection>(keys.connection, old => ({ state, heard: heard ?? old?.heard ?? 0 }));

  const open = () => {
    source = new EventSource(endpoints.streamEvents.path);
    source.addEventListener('status', message => {
      const event = JSON.parse(message.data) as StatusEvent;
      const live = merged(client.getQueryData<Live>(keys.status), event);
      client.setQueryData<Live>(keys.status, live);
      remember(live);
      growHistories(client, live);
      tell('open', Date.now());
    });
    source.addEventListener('occurrence', message => {
      const occurrence = JSON.parse(message.data) as Occurrence;
      client.setQueryData<Occurrence[]>(
        keys.occurrences,
        old => old && [occurrence, ...old].slice(0, MOST_OCCURRENCES),
      );
    });
    source.addEventListener('outcome', message => {
      client.setQueryData<Outcome>(['outcome'], JSON.parse(message.data) as Outcome);
      void client.invalidateQueries({ queryKey: keys.config });
    });
    source.addEventListener('config', () => void client.invalidateQueries({ queryKey: keys.config }));
    // The API has lost the data plane: what is on screen is old from now on.
    source.addEventListener('away', () => tell('quiet'));
    source.onopen = () => {
      opened = Date.now();
      tell('connecting');
      // What happened while nobody listened is not sent again.
      void client.invalidateQueries({ queryKey: keys.config });
      void client.invalidateQueries({ queryKey: keys.occurrences });
      void client.invalidateQueries({ queryKey: keys.history });
    };
    source.onerror = () => {
      tell('lost');
      // The browser tries again by itself, unless the answer was not a stream at all.
      if (source.readyState !== EventSource.CLOSED) return;
      onRefused();
      retry = setTimeout(open, RETRY_AFTER);
    };
  };

  tell('connecting');
  open();
  const watch = setInterval(() => {
    const connection = client.getQueryData<Connection>(keys.connection);
    if (!connection || connection.state === 'lost' || connection.state === 'quiet') return;
    if (Date.now() - Math.max(connection.heard, opened) > QUIET_AFTER) tell('quiet');
  }, 1_000);
  return () => {
    clearInterval(watch);
    clearTimeout(retry);
    source.close();
  };
}

/** Lets the graphs on screen go on without asking again: the newest values are appended to what was fetched. */
function growHistories(client: QueryClient, live: Live): void {
  for (const query of client.getQueryCache().findAll({ queryKey: keys.history, type: 'active' })) {
    const [, of, seconds] = query.queryKey as [string, string, number];
    const [kind, id] = of.split(':');
    const sample =
      kind === 'service'
        ? live.services.get(Number(id))
        : kind === 'server'
          ? live.servers.get(Number(id))
          : live.system;
    if (!sample) continue;
    client.setQueryData<History>(query.queryKey, old => old && grown(old, seconds, live.time, sample));
  }
}

/** The newest sample of a graph moves until it is this far from the one before: a page left open must not fill up. */
const POINTS = 720;

function grown(old: History, seconds: number, time: number, sample: object): History {
  const [before = 0, last = 0] = old.time.slice(-2);
  if (last >= time) return old;
  const end = last - before < (seconds * 1000) / POINTS ? -1 : undefined;
  const first = old.time.findIndex(each => each > time - seconds * 1000);
  const values = sample as Record<string, number>;
  return Object.fromEntries(
    Object.entries(old).map(([name, list]: [string, number[]]) => [
      name,
      [...(first < 0 ? [] : list.slice(first, end)), name === 'time' ? time : (values[name] ?? 0)],
    ]),
  ) as unknown as History;
}
