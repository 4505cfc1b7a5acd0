import { Button, MultiSelect, SegmentedControl } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { call } from '../../api/call.ts';
import { tellProblem } from '../../api/mutate.tsx';
import { download } from '../../parts/download.ts';
import { HistoryGraph, MOST_LINES } from '../../parts/history-graph.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { kindsOfObjects, measuresFor, type ObjectKind, ranges } from './measures.ts';
import { useObjects } from './use-objects.ts';
import './statistics.css';

const POINTS = 300;
/** Of a table to take away. */
const MOST_POINTS = 2_000;

/** Traffic and load up to a year back: graphs of chosen objects side by side, and as a table to take away. */
export function StatisticsHistoryPage() {
  const [params, setParams] = useSearchParams();
  const kind = (kindsOfObjects.find(each => each.value === params.get('kind'))?.value ?? 'system') as ObjectKind;
  const seconds = ranges.find(each => each.value === params.get('range'))?.value ?? '3600';
  const objects = useObjects(kind);
  const named = (params.get('of') ?? '').split(',').filter(of => objects?.some(object => object.of === of));
  // Whoever comes without a wish sees something.
  const chosen = named.length > 0 || params.has('of') ? named : (objects ?? []).slice(0, 1).map(object => object.of);
  const change = (more: Record<string, string>) =>
    setParams(
      { kind, range: seconds, ...(params.has('of') && { of: params.get('of') ?? '' }), ...more },
      { replace: true },
    );
  const query = { of: chosen.join(','), seconds: Number(seconds), points: POINTS };
  const series = useQuery({
    queryKey: ['series', query.of, query.seconds],
    queryFn: chosen.length === 0 ? skipToken : ({ signal }) => call('getHistorySeries', { query, signal }),
    // As often as something new can be seen.
    refetchInterval: Math.max(2_000, (query.seconds * 1_000) / POINTS),
    placeholderData: keepPreviousData,
  });
  const save = async () => {
    try {
      const text = await call('getHistoryCsv', { query: { ...query, points: MOST_POINTS } });
      download('statistics.csv', text, 'text/csv');
    } catch (error) {
      tellProblem(error);
    }
  };
  const names = new Map(objects?.map(object => [object.of, object.name]));

  return (
    <>
      <PageHeader
        title="Statistics History"
        sentence="Averages, and for a single object its peaks. Kept for a year, through restarts."
        actions={
          <Button
            variant="default"
            leftSection={<IconDownload size={14} />}
            disabled={chosen.length === 0}
            onClick={() => void save()}
          >
            CSV
          </Button>
        }
      />
      <div className="history-choice">
        <SegmentedControl
          size="xs"
          aria-label="What is shown"
          data={kindsOfObjects.map(each => ({ ...each }))}
          value={kind}
          onChange={value => setParams({ kind: value, range: seconds }, { replace: true })}
        />
        <SegmentedControl
          size="xs"
          aria-label="How far back"
          data={ranges}
          value={seconds}
          onChange={range => change({ range })}
        />
        {kind !== 'system' && (
          <MultiSelect
            size="xs"
            aria-label="Objects shown"
            placeholder={chosen.length < MOST_LINES ? `Add up to ${MOST_LINES}…` : ''}
            data={(objects ?? []).map(({ of, name }) => ({ value: of, label: name }))}
            value={chosen}
            maxValues={MOST_LINES}
            searchable
            limit={100}
            onChange={value => change({ of: value.join(',') })}
            nothingFoundMessage="Nothing of this name"
          />
        )}
      </div>
      {objects && chosen.length === 0 ? (
        <Empty title={objects.length === 0 ? 'Nothing of this kind is measured yet' : 'Nothing is chosen'}>
          {objects.length === 0 ? 'Graphs appear with the first one that exists.' : 'Choose up to six objects above.'}
        </Empty>
      ) : (
        <Loaded query={series} what="The history could not be loaded" still="Measuring goes on.">
          {data => (
            <div className="history-graphs">
              {measuresFor(kind).map(({ name, title, unit }) => (
                <HistoryGraph
                  key={name}
                  title={title}
                  unit={unit}
                  time={data.time}
                  lines={data.objects.map(({ of, values }) => ({
                    label: names.get(of) ?? of,
                    average: values[name]?.average ?? [],
                    highest: values[name]?.highest ?? [],
                  }))}
                />
              ))}
            </div>
          )}
        </Loaded>
      )}
    </>
  );
}
