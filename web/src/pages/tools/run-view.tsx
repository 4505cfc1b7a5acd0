import { Button, Group } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/call.ts';
import { tellProblem, useMutate } from '../../api/mutate.tsx';
import { Copy } from '../../parts/copy.tsx';
import { download } from '../../parts/download.ts';
import { bytes } from '../../parts/format.ts';
import { ErrorPanel } from '../../parts/states.tsx';

const WORDS = { running: 'running…', done: 'done', failed: 'failed', cancelled: 'ended by hand' };
const ASK_EVERY = 500;

/** What a run has said, line by line while it runs; a capture can be taken away when it is over. */
export function RunView({ id }: { id: number }) {
  const run = useQuery({
    queryKey: ['tool', id],
    queryFn: ({ signal }) => call('getToolRun', { params: { id }, signal }),
    refetchInterval: query => (query.state.data?.state === 'running' || !query.state.data ? ASK_EVERY : false),
    gcTime: 0,
  });
  const stop = useMutate('stopTool');
  // It is removed from the appliance when it is fetched.
  const [fetched, setFetched] = useState(false);
  if (run.error) return <ErrorPanel what="The run is not known any more" error={run.error} />;
  const { state = 'running', lines = [], captured } = run.data ?? {};
  const text = lines.join('\n');
  return (
    <section className="tool-run" aria-label="Result" aria-busy={state === 'running'}>
      <Group gap="xs" mb={6}>
        <strong data-state={state}>{WORDS[state]}</strong>
        {captured !== undefined && <span className="quiet figure">{bytes(captured)} captured</span>}
        <Group gap={6} ml="auto">
          {state === 'running' && (
            <Button size="xs" variant="default" loading={stop.busy} onClick={() => void stop.run({ params: { id } })}>
              End It
            </Button>
          )}
          {state !== 'running' && captured !== undefined && captured > 24 && (
            <Button
              size="xs"
              leftSection={<IconDownload size={14} />}
              disabled={fetched}
              onClick={() =>
                call('getCapture', { params: { id } }).then(file => {
                  download(`ballast-${id}.pcap`, file);
                  setFetched(true);
                }, tellProblem)
              }
            >
              {fetched ? 'Downloaded' : 'Download pcap'}
            </Button>
          )}
          {text !== '' && <Copy value={text} what="the result" />}
        </Group>
      </Group>
      <pre className="tool-lines">
        {text || (state === 'running' ? 'Waiting for the first answer…' : 'Nothing was said.')}
      </pre>
    </section>
  );
}
