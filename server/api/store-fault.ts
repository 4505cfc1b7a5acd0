import { Fault } from '../schema/faults.ts';

/** SQLite's codes for a disk that takes no more, and how people say them. */
const unwritable: Record<string, string> = {
  SQLITE_FULL: 'the disk is full',
  SQLITE_READONLY: 'the disk or the file is read-only',
  SQLITE_IOERR: 'the disk reports an error',
  SQLITE_CANTOPEN: 'the file cannot be opened',
};

const damaged: Record<string, string> = {
  SQLITE_CORRUPT: 'a part of it could not be read',
  SQLITE_NOTADB: 'it is not a database any more',
};

/** The fault that an error of the database means to people; undefined when it is none of theirs but our bug. */
export function storeFault(error: unknown): Fault | undefined {
  const code = String((error as { code?: unknown } | undefined)?.code ?? '');
  // Extended codes say more behind the plain one: SQLITE_IOERR_FSYNC.
  const plain = /^SQLITE_[A-Z]+/.exec(code)?.[0] ?? '';
  if (plain in damaged) return new Fault('STORE_DAMAGED', { reason: damaged[plain] ?? '' });
  if (plain in unwritable) return new Fault('STORE_UNWRITABLE', { reason: unwritable[plain] ?? '' });
  return undefined;
}
