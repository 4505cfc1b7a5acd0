import { ActionIcon, Button } from '@mantine/core';
import { IconDownload, IconTrash, IconUpload } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import type { TemplateView } from '../../../../server/schema/template-calls.ts';
import { useMutate } from '../../api/mutate.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { plural } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { useNarrow } from '../virtual-services/use-narrow.ts';
import { exportTemplate } from './export.ts';
import { ImportDialog } from './import-dialog.tsx';
import { useTemplates } from './queries.ts';
import './templates.css';

/** All templates, those that come with Ballast first. */
export function ListPage() {
  const templates = useTemplates();
  const navigate = useNavigate();
  const may = useMay('administrator');
  const narrow = useNarrow();
  const [importing, setImporting] = useState(false);
  const [deleting, setDeleting] = useState<TemplateView>();
  const columns = useMemo(() => columnsOf(narrow, may ? setDeleting : undefined), [narrow, may]);
  const imported = templates.data?.filter(each => each.id !== 0).length ?? 0;

  return (
    <>
      <PageHeader
        title="Manage Templates"
        sentence={
          templates.data && (
            <span className="figure">
              {plural(templates.data.length - imported, 'template')} come with Ballast ·{' '}
              {imported === 0 ? 'none imported' : `${imported} imported`}
            </span>
          )
        }
        actions={
          may && (
            <Button leftSection={<IconUpload size={14} />} onClick={() => setImporting(true)}>
              Import Template
            </Button>
          )
        }
      />
      <Loaded
        query={templates}
        what="The templates could not be loaded"
        still="Services that were made of templates do not need them."
      >
        {rows => (
          <DataTable
            label="Templates"
            rows={rows}
            columns={columns}
            idOf={each => each.key}
            onOpen={each => navigate(`/templates/${each.key}`)}
            textOf={each => [each.name, each.group, each.comment, ...each.makes].join(' ')}
            placeholder="Filter by name, protocol, port…"
            detail={each =>
              each.problem && (
                <span data-tone="warn" className="toned">
                  ▲ {each.problem}
                </span>
              )
            }
          />
        )}
      </Loaded>
      {importing && <ImportDialog onClose={() => setImporting(false)} />}
      {deleting && <DeleteDialog template={deleting} onClose={() => setDeleting(undefined)} />}
    </>
  );
}

function DeleteDialog({ template, onClose }: { template: TemplateView; onClose: () => void }) {
  const remove = useMutate('deleteTemplate', { done: `Deleted ${template.name}` });
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Delete “${template.name}”?`}
      act={`Delete ${template.name}`}
      danger
      run={() => remove.run({ params: { key: template.key } })}
    >
      <p>Services that were made of it stay as they are. History can bring it back.</p>
    </ConfirmDialog>
  );
}

const columnsOf = (narrow: boolean, onDelete?: (template: TemplateView) => void): Column<TemplateView>[] => [
  {
    key: 'name',
    title: 'Name',
    sort: each => each.name,
    render: each => <strong className="row-name">{each.name}</strong>,
  },
  {
    key: 'group',
    title: 'For',
    width: narrow ? '130px' : '190px',
    sort: each => each.group,
    render: each => each.group,
  },
  {
    key: 'comment',
    title: 'Comment',
    render: each => <span title={each.makes.join('\n')}>{each.comment}</span>,
  },
  {
    key: 'acts',
    title: 'Operation',
    width: '96px',
    align: 'right',
    render: each => (
      <span className="template-acts">
        <ActionIcon
          size="sm"
          variant="subtle"
          color="gray"
          aria-label={`Export ${each.name}`}
          title="Export"
          onClick={event => {
            event.stopPropagation();
            void exportTemplate(each.key);
          }}
        >
          <IconDownload size={15} />
        </ActionIcon>
        {onDelete && each.id !== 0 && (
          <ActionIcon
            size="sm"
            variant="subtle"
            color="red"
            aria-label={`Delete ${each.name}`}
            title="Delete"
            onClick={event => {
              event.stopPropagation();
              onDelete(each);
            }}
          >
            <IconTrash size={15} />
          </ActionIcon>
        )}
      </span>
    ),
  },
];
