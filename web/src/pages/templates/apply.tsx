import { useCertificates } from '../../api/queries.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { ErrorPanel, Loaded } from '../../parts/states.tsx';
import { NotHere } from '../../shell/not-here.tsx';
import { useMay } from '../../shell/session.tsx';
import { ApplyForm } from './apply-form.tsx';
import { useTemplates } from './queries.ts';

/** Applies one template. */
export function ApplyPage({ templateKey }: { templateKey: string }) {
  const templates = useTemplates();
  const certificates = useCertificates();
  const may = useMay('administrator');
  const template = templates.data?.find(each => each.key === templateKey);
  if (templates.data && !template) return <NotHere />;
  return (
    <>
      <PageHeader title="Apply a Template" sentence="Everything it makes is one change, and each value says why." />
      {!may && <p className="quiet">Only an administrator may apply templates.</p>}
      {may && template?.problem && (
        <ErrorPanel what={`“${template.name}” cannot be used`} error={new Error(template.problem)} />
      )}
      {may && !template?.problem && (
        <Loaded query={templates} what="The template could not be loaded">
          {() => (
            <Loaded query={certificates} what="The certificates could not be loaded">
              {all => template && <ApplyForm template={template} certificates={all} back="/templates" />}
            </Loaded>
          )}
        </Loaded>
      )}
    </>
  );
}
