import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Session } from '../runtime/session.ts';
import { hashOf, type Sources } from './sources.ts';

/** A session on the disk. */
export interface OpenSession extends Session {
  /** Its file, which the processes of the run read. */
  file: string;
  close(): void;
}

/**
 * Where what may be used again lies: in EXCEPTION_TEST_CACHE, which a runner keeps from job to job, or else within
 * node_modules, which no repository takes in.
 */
export function cacheFolder(root: string): string {
  const kept = process.env['EXCEPTION_TEST_CACHE'];
  const modules = path.join(root, 'node_modules');
  const folder =
    kept !== undefined && kept !== ''
      ? kept
      : existsSync(modules)
        ? path.join(modules, '.cache', 'exception-test')
        : path.join(tmpdir(), 'exception-test', hashOf(root));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Begins a run: writes the woven texts for processes that load them without vitest. */
export function openSession(root: string, sources: Sources, maySwallow: readonly string[]): OpenSession {
  const cache = cacheFolder(root);
  const woven = path.join(cache, 'woven');
  mkdirSync(woven, { recursive: true });
  const files: Record<string, string> = {};
  for (const [file, source] of sources) {
    if (source.woven === undefined) continue;
    files[file] = source.woven.hash;
    const at = path.join(woven, source.woven.hash);
    if (existsSync(at)) continue;
    const beside = `${at}.${process.pid}`;
    writeFileSync(beside, source.woven.text);
    renameSync(beside, at);
  }
  const notes = mkdtempSync(path.join(cache, 'run-'));
  const places = Object.fromEntries(
    [...sources.values()].flatMap(({ paths }) =>
      paths.map(({ id, file, start }) => [id, `${file}:${start.line}:${start.column}`]),
    ),
  );
  const session: Session = { root, notes, woven, files, places, maySwallow };
  const file = path.join(notes, 'session.json');
  writeFileSync(file, JSON.stringify(session));
  return {
    ...session,
    file,
    close: () => {
      rmSync(notes, { recursive: true, force: true });
    },
  };
}
