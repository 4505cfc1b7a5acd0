import { Spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useRef } from 'react';
import { useSearchGroups } from './use-search-groups.ts';

/** Milliseconds after which what was found has the focus. */
const FOUND_BY = 150;

/** Ctrl-K: go to a page, find any object by name or address, any setting by its label. */
export function Search() {
  const groups = useSearchGroups();
  const before = useRef<HTMLElement>(undefined);
  return (
    <Spotlight
      actions={groups}
      limit={12}
      // What was found gets the focus, be it on this very page; only who leaves the search goes back.
      returnFocus={false}
      onSpotlightOpen={() => {
        before.current = document.activeElement as HTMLElement;
      }}
      onSpotlightClose={() =>
        setTimeout(() => {
          if (document.activeElement === document.body) before.current?.focus();
        }, FOUND_BY)
      }
      shortcut="mod + K"
      tagsToIgnore={[]}
      nothingFound="Nothing found"
      highlightQuery
      scrollable
      attributes={{ content: { 'aria-label': 'Search or jump' } }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      maxHeight={420}
      searchProps={{
        leftSection: <IconSearch size={16} />,
        placeholder: 'A page, name, address, rule, certificate or setting…',
        'aria-label': 'Search',
      }}
    />
  );
}
