import { ActionIcon, Kbd } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconMenu2, IconSearch } from '@tabler/icons-react';
import { Suspense, useEffect, useRef, useState } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { useConnection } from '../api/queries.ts';
import { Skeletons } from '../parts/states.tsx';
import { ApplyState } from './apply-state.tsx';
import { IdleWarning } from './idle-warning.tsx';
import { Keys } from './keys.tsx';
import { Mark } from './mark.tsx';
import { Powerless } from './powerless.tsx';
import { Search } from './search.tsx';
import { useSession } from './session.tsx';
import { SideMenu } from './side-menu.tsx';
import { Unconfirmed } from './unconfirmed.tsx';
import { UserMenu } from './user-menu.tsx';

/** Header, left menu, results pane. */
export function Frame() {
  const session = useSession();
  const connection = useConnection();
  const [unfolded, setUnfolded] = useState(false);
  const stale = connection.state === 'lost' || connection.state === 'quiet';
  useFocusOnPage();

  return (
    <Keys>
      <a href="#main" className="skip">
        Skip to the page
      </a>
      <header className="header">
        <ActionIcon
          variant="subtle"
          color="gray"
          className="burger"
          aria-label="Menu"
          aria-expanded={unfolded}
          onClick={() => setUnfolded(!unfolded)}
        >
          <IconMenu2 size={18} />
        </ActionIcon>
        <Link to="/" className="product">
          <Mark />
          Ballast
        </Link>
        <span className="host" title={`Version ${session.version}`}>
          {session.hostName}
        </span>
        <button type="button" className="search-button" onClick={spotlight.open}>
          <IconSearch size={14} aria-hidden />
          <span>Search or jump…</span>
          <Kbd size="xs">Ctrl K</Kbd>
        </button>
        <ApplyState />
        <UserMenu />
      </header>
      <div className="body" data-unfolded={unfolded ? '' : undefined}>
        <SideMenu onLeave={() => setUnfolded(false)} />
        <main id="main" tabIndex={-1} data-stale={stale ? '' : undefined}>
          <IdleWarning />
          <Powerless />
          <Unconfirmed />
          <Suspense fallback={<Skeletons />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <Search />
    </Keys>
  );
}

/** A new page begins at its title: for the keyboard and for screen readers. A link to a place inside wins. */
function useFocusOnPage(): void {
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    if (window.location.hash) return;
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [pathname]);
}
