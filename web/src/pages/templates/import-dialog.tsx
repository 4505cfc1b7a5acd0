import { Button, FileButton, Group, Modal, Stack } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import type { TemplateFile } from '../../../../server/schema/template-file.ts';
import { useMutate } from '../../api/mutate.tsx';
import { plural } from '../../parts/format.ts';
import { ErrorPanel } from '../../parts/states.tsx';
import './templates.css';

const MOST = 512 * 1024;

/** Stores the template of a file; what is in it is shown before. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const [file, setFile] = useState<TemplateFile>();
  const [error, setError] = useState<string>();
  const store = useMutate('importTemplate', { done: `Imported ${file?.name ?? ''}`, quiet: true });

  const read = async (chosen: File | null) => {
    if (!chosen) return;
    store.clear();
    setFile(undefined);
    setError(undefined);
    if (chosen.size > MOST) return setError(`“${chosen.name}” is larger than any template.`);
    try {
      const found = JSON.parse(await chosen.text()) as TemplateFile;
      if (found?.format !== 'ballast-template') throw new Error();
      setFile(found);
    } catch {
      setError(`“${chosen.name}” is no template: such a file is JSON with “format”: “ballast-template”.`);
    }
  };
  const save = async () => {
    if (file && (await store.run({ body: file }))) onClose();
  };
  const services = Array.isArray(file?.services) ? file.services.length : 0;

  return (
    <Modal opened onClose={onClose} title="Import Template" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="sm">
        <p className="quiet">
          A file exported here or on another Ballast. It is looked through before it is stored, and makes nothing by
          itself.
        </p>
        <FileButton onChange={chosen => void read(chosen)} accept="application/json,.json">
          {props => (
            <Button variant="default" leftSection={<IconUpload size={14} />} className="start" {...props}>
              Choose file…
            </Button>
          )}
        </FileButton>
        {error && (
          <p className="problem" role="alert">
            {error}
          </p>
        )}
        {file && (
          <p role="status">
            <strong>{String(file.name)}</strong>: {String(file.comment ?? '')} {plural(services, 'service')}.
          </p>
        )}
        {store.problem && (
          <ErrorPanel
            what={
              store.problem.at ? `Nothing was imported: see ${store.problem.at} in the file` : 'Nothing was imported'
            }
            error={store.problem}
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={store.busy} disabled={!file} onClick={() => void save()}>
            Add New Template
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
