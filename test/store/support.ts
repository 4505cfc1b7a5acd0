import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fill } from '../../server/schema/derive.ts';
import type { RealServer } from '../../server/schema/real-server.ts';
import type { VirtualService } from '../../server/schema/virtual-service.ts';
import { type Db, openStore } from '../../server/store/db.ts';
import { Revisions } from '../../server/store/revisions.ts';

/** An empty folder that goes away with the test. */
export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ballast-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A new store in a folder of its own, closed with the test. */
export function newStore(t: TestContext): { path: string; db: Db; revisions: Revisions } {
  const path = join(folder(t), 'store', 'config.db');
  const db = openStore(path);
  t.after(() => db.close());
  return { path, db, revisions: new Revisions(db) };
}

export const service = (id: number, more: Partial<VirtualService> = {}): VirtualService =>
  fill('virtualService', { id, address: `192.0.2.${id % 250}`, port: 80, ...more });

export const server = (id: number, virtualService: number, more: Partial<RealServer> = {}): RealServer =>
  fill('realServer', { id, virtualService, address: `198.51.100.${id % 250}`, port: 8080, ...more });
