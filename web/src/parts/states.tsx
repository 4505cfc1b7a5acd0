import { Button, Skeleton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';

/** Nothing there yet: what this is, and the one button that starts. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

interface ErrorProps {
  /** What failed: "The list of services could not be loaded". */
  what: string;
  error: unknown;
  /** What still works: "Traffic goes on." */
  still?: string;
  retry?: () => void;
}

/** What failed, what still works, and a way to try again. */
export function ErrorPanel({ what, error, still, retry }: ErrorProps) {
  return (
    <div className="error-panel" role="alert">
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <strong>{what}</strong>
        <p>{error instanceof Error ? error.message : String(error)}</p>
        {still && <p className="quiet">{still}</p>}
      </div>
      {retry && (
        <Button size="xs" variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Rows in the shape of a table; shown only after 300 ms, so that a quick answer does not flash. */
export function Skeletons({ rows = 6, height = 34 }: { rows?: number; height?: number }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div aria-busy="true" className="skeletons">
      <span className="unseen">Loading</span>
      {late &&
        Array.from({ length: rows }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
          <Skeleton key={row} height={height - 10} radius="sm" width={`${100 - ((row * 7) % 30)}%`} />
        ))}
    </div>
  );
}

interface Query<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Shows one query in all its states: skeleton, error with a retry, or the children with the data. */
export function Loaded<T>(props: { query: Query<T>; what: string; still?: string; children: (data: T) => ReactNode }) {
  const { query, what, still } = props;
  if (query.data !== undefined) return props.children(query.data);
  if (query.error)
    return <ErrorPanel what={what} error={query.error} {...(still && { still })} retry={() => void query.refetch()} />;
  return <Skeletons />;
}
