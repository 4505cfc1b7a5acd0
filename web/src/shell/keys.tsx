import { Kbd, Modal } from '@mantine/core';
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { pages } from './menu.ts';
import { useMay } from './session.tsx';

const HelpContext = createContext<() => void>(() => {});

/** Opens the list of keys. */
export const useHotHelp = (): (() => void) => useContext(HelpContext);

const OTHERS: [string, string][] = [
  ['Ctrl K', 'Search or jump'],
  ['/', 'Filter the table on screen'],
  ['↑ ↓', 'Go through the rows of a table'],
  ['Enter', 'Open'],
  ['Esc', 'Close'],
  ['?', 'This list'],
];

const PAUSE = 1_200;

/** The keys that work everywhere, and the list of them. */
export function Keys({ children }: { children: ReactNode }) {
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  const administrator = useMay('administrator');
  const first = useRef({ key: '', at: 0 });
  const known = pages.filter(page => page.keys?.startsWith('g ') && (administrator || page.role !== 'administrator'));

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const two = event.timeStamp - first.current.at < PAUSE ? `${first.current.key} ${event.key}` : '';
      first.current = { key: event.key, at: event.timeStamp };
      const page = known.find(({ keys }) => keys === two);
      const filter = event.key === '/' && document.querySelector<HTMLInputElement>('main input[type=search]');
      if (page) navigate(page.to);
      else if (event.key === '?') setHelp(true);
      else if (filter) filter.focus();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });

  return (
    <HelpContext value={() => setHelp(true)}>
      {children}
      <Modal opened={help} onClose={() => setHelp(false)} title="Keyboard" size="sm">
        <dl className="key-list">
          {[...OTHERS, ...known.map(({ keys = '', label }): [string, string] => [keys, label])].map(([keys, what]) => (
            <div key={what}>
              <dt>
                {keys.split(' ').map(key => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Modal>
    </HelpContext>
  );
}

/** Keys belong to the field or the dialog that has the focus. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="listbox"]') !== null
  );
}
