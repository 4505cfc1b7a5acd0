import { Button } from '@mantine/core';
import { IconCertificate, IconFileText, IconUpload } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import type { CertificateView } from '../../../../server/schema/endpoints.ts';
import { titleOf } from '../../../../server/schema/rules.ts';
import { useCertificates, useServices } from '../../api/queries.ts';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { plural } from '../../parts/format.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { useMay } from '../../shell/session.tsx';
import { listed } from '../virtual-services/consequences.ts';
import { useNarrow } from '../virtual-services/use-narrow.ts';
import { ImportDialog } from './import-dialog.tsx';
import { Lifetime } from './lifetime.tsx';
import { RequestDialog } from './request-dialog.tsx';
import { SelfSignedDialog } from './self-signed-dialog.tsx';
import './certificates.css';

type Making = 'import' | 'self-signed' | 'request';

/** All certificates, the one that ends first at the top. */
export function ListPage() {
  const certificates = useCertificates();
  const services = useServices();
  const navigate = useNavigate();
  const may = useMay('administrator');
  const narrow = useNarrow();
  const [making, setMaking] = useState<Making>();

  const rows = useMemo(
    // Without an end they wait for an answer: those come last.
    () => (certificates.data ?? []).toSorted((a, b) => (a.notAfter ?? Infinity) - (b.notAfter ?? Infinity)),
    [certificates.data],
  );
  const columns = useMemo(() => {
    const titles = new Map(services.data?.map(vs => [vs.id, titleOf(vs)]));
    return columnsOf(id => titles.get(id) ?? `number ${id}`, narrow);
  }, [services.data, narrow]);
  const open = (id: number) => navigate(`/certificates/${id}`);
  const close = () => setMaking(undefined);
  const buttons = may && (
    <>
      <Button variant="default" leftSection={<IconFileText size={14} />} onClick={() => setMaking('request')}>
        Generate CSR
      </Button>
      <Button variant="default" leftSection={<IconCertificate size={14} />} onClick={() => setMaking('self-signed')}>
        Make self-signed
      </Button>
      <Button leftSection={<IconUpload size={14} />} onClick={() => setMaking('import')}>
        Import Certificate
      </Button>
    </>
  );

  return (
    <>
      <PageHeader title="Certificates" sentence={<Sentence all={rows} />} actions={rows.length > 0 && buttons} />
      <Loaded
        query={certificates}
        what="The certificates could not be loaded"
        still="Services go on with the certificates they have."
      >
        {() => (
          <DataTable
            label="Certificates"
            rows={rows}
            columns={columns}
            idOf={c => c.id}
            onOpen={c => open(c.id)}
            textOf={c => [c.name, c.subject, ...c.names, c.issuer].join(' ')}
            placeholder="Filter by name, host name, issuer…"
            detail={c =>
              c.chainProblem &&
              // The column of issuers says so already.
              (narrow || !c.selfSigned) && (
                <span data-tone="warn" className="toned">
                  ▲ {c.chainProblem}
                </span>
              )
            }
            empty={
              <Empty title="No certificate yet" action={<div className="empty-acts">{buttons}</div>}>
                HTTPS services show a certificate to their clients. Import one from its issuer, or make a self-signed
                one to begin with.
              </Empty>
            }
          />
        )}
      </Loaded>
      {making === 'import' && <ImportDialog onClose={close} onMade={open} />}
      {making === 'self-signed' && <SelfSignedDialog onClose={close} onMade={open} />}
      {making === 'request' && <RequestDialog onClose={close} onMade={open} />}
    </>
  );
}

const MONTH_AND_HALF = 45 * 86_400_000;

function Sentence({ all }: { all: CertificateView[] }) {
  if (all.length === 0) return null;
  const now = Date.now();
  const ended = all.filter(c => c.notAfter !== null && c.notAfter <= now).length;
  const soon = all.filter(c => c.notAfter !== null && c.notAfter > now && c.notAfter < now + MONTH_AND_HALF).length;
  const waiting = all.filter(c => !c.chain).length;
  const parts = [
    plural(all.length, 'certificate'),
    ...(ended ? [`${ended} ended`] : []),
    soon ? `${soon} ${soon === 1 ? 'ends' : 'end'} within 45 days` : 'none ends within 45 days',
    ...(waiting ? [`${waiting} ${waiting === 1 ? 'waits' : 'wait'} for an answer`] : []),
  ];
  return <span className="figure">{parts.join(' · ')}</span>;
}

const columnsOf = (titleOfService: (id: number) => string, narrow: boolean): Column<CertificateView>[] => [
  {
    key: 'name',
    title: 'Identifier',
    sort: c => c.name,
    render: c => <strong className="row-name">{c.name}</strong>,
  },
  {
    key: 'names',
    title: 'Host Names',
    sort: c => c.subject,
    render: c => (
      <span title={c.names.join('\n')}>
        {c.subject || c.names[0] || <span className="quiet">–</span>}
        {c.names.length > 1 && <span className="quiet"> +{c.names.length - 1}</span>}
      </span>
    ),
  },
  ...(narrow ? [] : [issuer]),
  {
    key: 'ends',
    title: 'Ends',
    width: narrow ? '196px' : '286px',
    sort: c => c.notAfter ?? Infinity,
    render: c => <Lifetime certificate={c} />,
  },
  {
    key: 'used',
    title: 'Used By',
    sort: c => c.usedBy.length,
    render: c =>
      c.usedBy.length === 0 ? (
        <span className="quiet">not used</span>
      ) : (
        <span title={c.usedBy.map(titleOfService).join('\n')}>{listed(c.usedBy.map(titleOfService))}</span>
      ),
  },
];

const issuer: Column<CertificateView> = {
  key: 'issuer',
  title: 'Issuer',
  sort: c => c.issuer,
  render: c => {
    if (!c.chain) return <span className="quiet">waits for its answer</span>;
    return c.selfSigned ? <span className="quiet">self-signed</span> : c.issuer;
  },
};
