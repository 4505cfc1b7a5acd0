import { Anchor } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useRevisions } from '../../api/queries.ts';
import { Panel } from '../../parts/panel.tsx';
import { Since } from '../../parts/since.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { RestoreDialog } from '../history/restore-dialog.tsx';

const MOST = 5;

/** The last changes with who made them; the newest can be undone here. */
export function LastChanges() {
  const revisions = useRevisions(MOST + 1);
  const may = useMay('administrator');
  const [undoing, setUndoing] = useState<number>();
  return (
    <Panel title="Last changes" aside={<Link to="/history">History</Link>}>
      <Loaded query={revisions} what="The changes could not be loaded">
        {list =>
          list.length === 0 ? (
            <p className="home-none">Nothing was changed yet.</p>
          ) : (
            <ul className="home-lines">
              {list.slice(0, MOST).map((revision, index) => (
                <li key={revision.revision}>
                  <div>
                    <Link to={`/history?rev=${revision.revision}`} className="clip">
                      {revision.words[0] ?? `Revision ${revision.revision}`}
                      {revision.words.length > 1 && ` and ${revision.words.length - 1} more`}
                    </Link>
                    {index === 0 && may && revision.revision > 1 && list.length > 1 && (
                      <Anchor component="button" type="button" inherit onClick={() => setUndoing(list[1]?.revision)}>
                        Undo
                      </Anchor>
                    )}
                  </div>
                  <span className="quiet figure">
                    rev {revision.revision} · {revision.who}
                    {revision.time > 0 && (
                      <>
                        {' '}
                        · <Since time={revision.time} /> ago
                      </>
                    )}
                    {revision.outcome === 'refused' && <span data-tone="bad"> · ✕ refused</span>}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <RestoreDialog revision={undoing} onClose={() => setUndoing(undefined)} />
    </Panel>
  );
}
