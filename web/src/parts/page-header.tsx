import type { ReactNode } from 'react';

interface Props {
  title: string;
  /** What the screen says, in one sentence. */
  sentence?: ReactNode;
  /** Beside the title, such as a StateBadge. */
  beside?: ReactNode;
  /** Buttons, at the right. */
  actions?: ReactNode;
}

/** Top of every page. Sets the title of the browser's tab too. */
export function PageHeader({ title, sentence, beside, actions }: Props) {
  return (
    <header className="page-header">
      <title>{`${title} · Ballast`}</title>
      <div>
        <div className="page-title">
          <h1 tabIndex={-1}>{title}</h1>
          {beside}
        </div>
        {sentence && <p className="page-sentence">{sentence}</p>}
      </div>
      {actions && <div className="page-actions">{actions}</div>}
    </header>
  );
}
