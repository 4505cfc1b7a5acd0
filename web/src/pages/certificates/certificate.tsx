import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { useCertificates, useServices } from '../../api/queries.ts';
import { Copy } from '../../parts/copy.tsx';
import { download } from '../../parts/download.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Empty, ErrorPanel, Skeletons } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { AssignPanel } from './assign-panel.tsx';
import { CertificateFacts } from './certificate-facts.tsx';
import { DeleteDialog, RenameDialog } from './keep-dialogs.tsx';
import { ReplaceDialog } from './replace-dialog.tsx';
import './certificates.css';

/** One certificate: what it says, who uses it, and what can be done with it. */
export function CertificatePage({ id }: { id: number }) {
  const certificates = useCertificates();
  const services = useServices();
  const failed = [certificates, services].find(query => query.error && !query.data);
  if (failed)
    return (
      <>
        <PageHeader title="Certificate" />
        <ErrorPanel
          what="The certificate could not be loaded"
          error={failed.error}
          still="Services go on with the certificates they have."
          retry={() => void failed.refetch()}
        />
      </>
    );
  if (!certificates.data || !services.data)
    return (
      <>
        <PageHeader title="Certificate" />
        <Skeletons rows={8} />
      </>
    );
  const certificate = certificates.data.find(each => each.id === id);
  if (!certificate)
    return (
      <>
        <PageHeader title="Certificate" />
        <Empty
          title={`There is no certificate with number ${id}`}
          action={<Link to="/certificates">All certificates</Link>}
        >
          Perhaps it was deleted. <Link to="/history">History</Link> can bring it back.
        </Empty>
      </>
    );
  return (
    <>
      <Header certificate={certificate} all={certificates.data} />
      <div className="certificate-panels">
        <Panel title={certificate.chain ? 'Certificate' : 'Waits for its answer'}>
          <CertificateFacts certificate={certificate} />
        </Panel>
        <AssignPanel certificate={certificate} services={services.data} />
      </div>
      {certificate.request && <Request certificate={certificate} />}
    </>
  );
}

type Doing = 'replace' | 'answer' | 'rename' | 'delete';

function Header({ certificate: c, all }: { certificate: CertificateView; all: CertificateView[] }) {
  const may = useMay('administrator');
  const navigate = useNavigate();
  const [doing, setDoing] = useState<Doing>();
  const close = () => setDoing(undefined);
  return (
    <>
      <PageHeader
        title={c.name}
        sentence={sentenceOf(c)}
        actions={
          <>
            {c.chain && (
              <Button
                variant="default"
                leftSection={<IconDownload size={14} />}
                onClick={() => download(`${c.name}.pem`, c.chain)}
              >
                Download chain
              </Button>
            )}
            {may && c.request && <Button onClick={() => setDoing('answer')}>Install answer</Button>}
            {may && c.chain && <Button onClick={() => setDoing('replace')}>Replace Certificate</Button>}
            {may && (
              <Menu position="bottom-end" width={180} shadow="md">
                <Menu.Target>
                  <Button variant="default" rightSection={<IconChevronDown size={14} />}>
                    More
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => setDoing('rename')}>Rename…</Menu.Item>
                  <Menu.Item color="red" onClick={() => setDoing('delete')}>
                    Delete…
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
          </>
        }
      />
      {(doing === 'replace' || doing === 'answer') && <ReplaceDialog certificate={c} act={doing} onClose={close} />}
      {doing === 'rename' && <RenameDialog certificate={c} all={all} onClose={close} />}
      {doing === 'delete' && (
        <DeleteDialog certificate={c} onClose={close} onDeleted={() => navigate('/certificates')} />
      )}
    </>
  );
}

function sentenceOf(c: CertificateView): string {
  const used =
    c.usedBy.length === 0
      ? 'No service uses it.'
      : `Used by ${c.usedBy.length} ${c.usedBy.length === 1 ? 'service' : 'services'}.`;
  if (!c.chain) return 'The signing request is made; send it to an issuer and install the answer here.';
  if (c.notAfter !== null && c.notAfter < Date.now()) return `It has ended: clients refuse it. ${used}`;
  return used;
}

/** The request itself, to be sent to the issuer. */
function Request({ certificate: c }: { certificate: CertificateView }) {
  return (
    <div className="request">
      <Panel
        title="Signing request"
        aside={
          <span className="request-acts">
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconDownload size={13} />}
              onClick={() => download(`${c.name}.csr`, c.request)}
            >
              Download
            </Button>
            <Copy value={c.request} what="the signing request" />
          </span>
        }
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
        <section className="mono pem" tabIndex={0} aria-label="Text of the signing request">
          {c.request}
        </section>
      </Panel>
    </div>
  );
}
