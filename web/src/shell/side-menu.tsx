import { useState } from 'react';
import { Link, useLocation } from 'react-router';
import { useHotHelp } from './keys.tsx';
import { entryOf, type MenuGroup, type MenuItem, menu } from './menu.ts';
import { useMay } from './session.tsx';

/** The left menu. On a narrow screen it unfolds over the page. */
export function SideMenu({ onLeave }: { onLeave: () => void }) {
  return (
    <nav className="side-menu" aria-label="Main">
      <ul>
        {menu.map(group => (
          <li key={group.label}>
            {group.items ? <Group group={group} onLeave={onLeave} /> : <Single group={group} onLeave={onLeave} />}
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Single({ group, onLeave }: { group: MenuGroup; onLeave: () => void }) {
  const current = useCurrent(group.to);
  const Icon = group.icon;
  return (
    <Link to={group.to ?? '/'} aria-current={current} className="menu-line" onClick={onLeave}>
      <Icon size={16} />
      {group.label}
    </Link>
  );
}

function Group({ group, onLeave }: { group: MenuGroup; onLeave: () => void }) {
  const [open, setOpen] = useState(true);
  const Icon = group.icon;
  return (
    <>
      <button type="button" className="menu-line" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon size={16} />
        {group.label}
      </button>
      <ul hidden={!open}>
        {group.items?.map(item => (
          <Item key={item.label} item={item} onLeave={onLeave} />
        ))}
      </ul>
    </>
  );
}

function Item({ item, onLeave }: { item: MenuItem; onLeave: () => void }) {
  const may = useMay(item.role ?? 'read-only');
  const help = useHotHelp();
  const current = useCurrent(item.to);
  if (!may) return null;
  return (
    <li>
      {item.to === '?keys' ? (
        <button type="button" className="menu-line sub" onClick={help}>
          {item.label}
        </button>
      ) : item.to.startsWith('/api/') ? (
        <a href={item.to} className="menu-line sub" target="_blank" rel="noreferrer">
          {item.label}
        </a>
      ) : (
        <Link to={item.to} aria-current={current} className="menu-line sub" onClick={onLeave}>
          {item.label}
        </Link>
      )}
    </li>
  );
}

const useCurrent = (to: string | undefined) => (entryOf(useLocation().pathname) === to ? 'page' : undefined);
