import { useCallback, useEffect, useState } from 'react';
import { useLocation } from 'react-router';
import { type FieldGroup, metaOf } from '../../../server/schema/fields.ts';
import { groups } from './groups.ts';
import { entriesOf } from './use-form.ts';

export interface Bars {
  open: ReadonlySet<FieldGroup>;
  toggle: (group: FieldGroup, open: boolean) => void;
  /** Opens what an anchor names — a bar, a setting, a server — and puts the focus there. */
  show: (anchor: string) => void;
}

/** Which bars of properties are open; `#ssl` and `#checkUrl` in the address open theirs. */
export function useOpenBars(kind: 'virtualService' | 'settings', first: readonly FieldGroup[] = []): Bars {
  const { hash, key } = useLocation();
  const [open, setOpen] = useState<ReadonlySet<FieldGroup>>(new Set(first));

  const toggle = useCallback((group: FieldGroup, now: boolean) => {
    setOpen(old => new Set(now ? [...old, group] : [...old].filter(each => each !== group)));
  }, []);
  const show = useCallback(
    (anchor: string) => {
      const entry = entriesOf(kind)[anchor];
      const group = groups.find(each => each === anchor) ?? (entry && metaOf(entry).group);
      if (group) setOpen(old => new Set([...old, group]));
      // The bar must be open before anything in it can be seen.
      requestAnimationFrame(() => requestAnimationFrame(() => arrive(anchor)));
    },
    [kind],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: the same link followed again leads there again
  useEffect(() => {
    if (hash) show(hash.slice(1));
  }, [hash, key, show]);

  return { open, toggle, show };
}

/** Puts the focus where an anchor is, if it is on the page. */
export function arrive(anchor: string): void {
  const place = document.getElementById(anchor);
  if (!place) return;
  place.scrollIntoView({ block: 'center' });
  const row = place.closest<HTMLElement>('[data-row]');
  const target = row ?? place.querySelector<HTMLElement>('button, input:not([type=hidden]), textarea');
  target?.focus({ preventScroll: true });
}
