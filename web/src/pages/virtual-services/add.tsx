import { useState } from 'react';
import { useCertificates, useServices } from '../../api/queries.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { ErrorPanel, Skeletons } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { ApplyForm } from '../templates/apply-form.tsx';
import { useTemplates } from '../templates/queries.ts';
import { UseTemplate } from '../templates/use-template.tsx';
import { AddForm } from './add-form.tsx';
import './virtual-services.css';

/** Adds a Virtual Service: address and port first, the rest follows from them, or from a template. */
export function AddPage() {
  const services = useServices();
  const certificates = useCertificates();
  const templates = useTemplates();
  const [key, setKey] = useState('');
  const may = useMay('administrator');
  const failed = [services, certificates].find(query => query.error && !query.data);
  const template = templates.data?.find(each => each.key === key);
  const ready = may && services.data && certificates.data;
  return (
    <>
      <PageHeader
        title="Add a Virtual Service"
        sentence="Address and port first: type, TLS and health check follow from the port and can be changed below."
      />
      {!may && <p className="quiet">Only an administrator may add services.</p>}
      {failed && (
        <ErrorPanel
          what="What is there already could not be loaded"
          error={failed.error}
          retry={() => void failed.refetch()}
        />
      )}
      {ready && templates.data && <UseTemplate templates={templates.data} value={key} onChange={setKey} />}
      {ready && template && (
        <ApplyForm key={key} template={template} certificates={certificates.data ?? []} back="/virtual-services" />
      )}
      {ready && !template && <AddForm services={services.data ?? []} certificates={certificates.data ?? []} />}
      {may && !failed && !(services.data && certificates.data) && <Skeletons />}
    </>
  );
}
