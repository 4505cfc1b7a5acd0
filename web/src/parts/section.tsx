import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';

interface Props {
  title: string;
  /** Quiet words at the right of the bar, such as "2 changed". */
  note?: ReactNode;
  /** Anchor for links. */
  id?: string;
  /** Open at first; later the person decides. Set `open` to decide from outside. */
  initiallyOpen?: boolean;
  open?: boolean;
  onToggle?: (open: boolean) => void;
  children: ReactNode;
}

/** A bar that folds, as the property sections of a service have. */
export function Section({ title, note, id, initiallyOpen = true, open, onToggle, children }: Props) {
  const [own, setOwn] = useState(initiallyOpen);
  const body = useId();
  const shown = open ?? own;
  return (
    <section className="section" id={id}>
      <h2>
        <button
          type="button"
          aria-expanded={shown}
          aria-controls={body}
          onClick={() => {
            setOwn(!shown);
            onToggle?.(!shown);
          }}
        >
          <IconChevronRight size={14} aria-hidden className="chevron" />
          {title}
          {note && <span className="note">{note}</span>}
        </button>
      </h2>
      <div id={body} hidden={!shown} className="section-body">
        {children}
      </div>
    </section>
  );
}
