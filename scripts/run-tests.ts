import { join, relative } from 'node:path';
import type { EventData } from 'node:test';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { runChecks } from './check.ts';
import { filesIn, root } from './source-files.ts';
import { Tally } from './tally.ts';

/**
 * npm test: the checks, then every test/**\/*.test.ts, those that need no engine first. Arguments choose test files by
 * a part of their path (`npm test -- smuggling`), which leaves the checks out. The last line is `N passed, N failed`.
 */

interface Group {
  name: string;
  has: (path: string) => boolean;
  /** Files at a time: what loads the machine or measures time runs alone. */
  concurrency: number;
  /** Milliseconds after which a file hangs; FILE_LIMIT unless told. */
  limit?: number;
}

const groups: readonly Group[] = [
  // A machine of its own each, without KVM.
  { name: 'Image tests', has: path => path.startsWith('test/image/'), concurrency: 1, limit: 60 * 60_000 },
  { name: 'Browser tests', has: path => path.startsWith('test/browser/'), concurrency: 1 },
  { name: 'Network tests', has: path => path.startsWith('test/network/'), concurrency: 1 },
  { name: 'System tests', has: path => path.startsWith('test/system/'), concurrency: 1 },
  { name: 'Tests', has: () => true, concurrency: 2 },
];

/** A file that takes longer hangs. */
const FILE_LIMIT = 10 * 60_000;

async function runGroup(group: Group, files: string[], tally: Tally): Promise<void> {
  console.log(`\n${group.name}`);
  const stream = run({
    files: files.map(file => join(root, file)),
    cwd: root,
    concurrency: group.concurrency,
    timeout: group.limit ?? FILE_LIMIT,
  });
  stream.on('test:pass', data => count(data, tally));
  stream.on('test:fail', data => count(data, tally));
  stream.on('test:diagnostic', data => {
    if (!SUMMARY.test(data.message)) tally.note(data.message);
  });
  stream.on('test:stdout', data => process.stdout.write(data.message));
  stream.on('test:stderr', data => process.stderr.write(data.message));
  await new Promise<void>((done, fail) => {
    stream.once('end', done);
    stream.once('error', fail);
    stream.resume();
  });
}

/** The runner's own figures: ours are printed at the end. */
const SUMMARY = /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

function count(data: EventData.TestPass | EventData.TestFail, tally: Tally): void {
  const file = data.file ? relative(root, data.file) : '';
  const title = data.name.replaceAll(/\s+/g, ' ');
  const name = data.nesting === 0 && file ? `${file.replace(/^test\//, '')}: ${title}` : title;
  const error = 'error' in data.details ? data.details.error : undefined;
  // The runner reports a file without a test as one test that passed.
  const empty = data.file && (data.name === data.file || join(root, data.name) === data.file);
  if (isSet(data.skip)) tally.skip(name, reason(data.skip));
  else if (isSet(data.todo)) tally.skip(name, `to do: ${reason(data.todo)}`);
  // Whatever failed inside has been told of already; a hook of the suite itself has not.
  else if (error && /^\d+ subtests? failed$/.test(error.message)) return;
  else if (error) tally.fail(name, inspect(error.cause ?? error, { depth: 6, breakLength: 110 }));
  else if (empty) tally.fail(file, 'holds no test');
  else if (data.details.type !== 'suite') tally.pass(name, data.details.duration_ms);
}

const isSet = (mark: string | boolean | undefined): mark is string | boolean => mark !== undefined && mark !== false;

const reason = (given: string | boolean) => (typeof given === 'string' && given !== '' ? given : 'no reason given');

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const tally = new Tally();
  if (wanted.length === 0) await runChecks(tally);
  // Those of the image take half an hour and have a command of their own.
  const files = filesIn(['test'], ['.test.ts']).filter(path =>
    wanted.length === 0 ? !path.startsWith('test/image/') : wanted.some(part => path.includes(part)),
  );
  const grouped = Map.groupBy(files, file => groups.find(group => group.has(file)) as Group);
  for (const group of groups.toReversed()) {
    const own = grouped.get(group);
    if (own) await runGroup(group, own, tally);
  }
  tally.finish();
}

await main();
