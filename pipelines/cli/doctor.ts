import { execFile } from 'node:child_process';
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { homeAt, urlIn } from '../adapters/home.ts';
import { openSource } from '../adapters/open-source.ts';
import { findPython } from '../adapters/python-environment.ts';
import { DEFAULT_TRAINER_LOCK } from '../adapters/trainer.ts';
import { loadModel, modelNames } from '../config.ts';
import { CleaverError, messageOf } from '../core/errors.ts';
import type { Answer } from './program.ts';

interface Finding {
  what: string;
  ok: boolean;
  /** What was found; when it is not well, also how to get it. */
  detail: string;
}

const WANTED_NODE = 24;
const WANTED_FREE_GB = 2;

/** Looks at everything that the loop needs on this machine. Missing things are an answer, not an error. */
export async function doctor(): Promise<Answer> {
  const findings = [nodeVersion(), ...(await Promise.all([python(), trainer(), state(), room()])), ...(await models())];
  const ok = findings.every((finding) => finding.ok);
  const lines = findings.map(({ ok: isWell, what, detail }) => `${isWell ? 'ok     ' : 'missing'}  ${what}: ${detail}`);
  return { json: { outcome: ok ? 'done' : 'missing', findings }, text: lines.join('\n') };
}

function nodeVersion(): Finding {
  const ok = Number(process.versions.node.split('.')[0]) >= WANTED_NODE;
  const detail = ok
    ? process.version
    : `${process.version}; run commands as \`npm run …\` or \`npx cleaver …\`, which find Node ${WANTED_NODE}`;
  return { what: 'Node', ok, detail };
}

async function python(): Promise<Finding> {
  const script = 'import sys, ensurepip; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 11))';
  try {
    const { stdout } = await promisify(execFile)('python3', ['-c', script]);
    return { what: 'Python', ok: true, detail: stdout.trim() };
  } catch (error) {
    const found =
      error instanceof Error && 'stdout' in error && typeof error.stdout === 'string' ? error.stdout.trim() : '';
    const why = found === '' ? 'not found, or without venv' : `found ${found}`;
    return {
      what: 'Python',
      ok: false,
      detail: `${why}; install Python 3.11 or newer with venv (Debian: apt-get install python3-venv)`,
    };
  }
}

async function trainer(): Promise<Finding> {
  const found = await findPython(DEFAULT_TRAINER_LOCK);
  return {
    what: "The trainer's environment",
    ok: found !== undefined,
    detail: found ?? 'not made yet; `npx cleaver init` makes it (600 MB)',
  };
}

async function state(): Promise<Finding> {
  const { root } = homeAt();
  try {
    await mkdir(root, { recursive: true });
    await access(root, constants.W_OK);
    return { what: 'State folder', ok: true, detail: root };
  } catch (error) {
    return {
      what: 'State folder',
      ok: false,
      detail: `${messageOf(error)}; give the right to write, or set CLEAVER_HOME`,
    };
  }
}

async function room(): Promise<Finding> {
  const { bavail, bsize } = await statfs('.');
  const free = (bavail * bsize) / 1e9;
  const detail = `${free.toFixed(1)} GB free`;
  return {
    what: 'Disk',
    ok: free >= WANTED_FREE_GB,
    detail: free >= WANTED_FREE_GB ? detail : `${detail}; the loop wants ${WANTED_FREE_GB} GB`,
  };
}

async function models(): Promise<Finding[]> {
  return await Promise.all(
    (await modelNames()).map(async (name) => {
      try {
        const { manifest, folder } = await loadModel(name);
        const source = await openSource(urlIn(homeAt(), manifest.source.url), { relativeTo: folder });
        await source.close();
        return { what: `Model ${name}`, ok: true, detail: 'its manifest is well, its source answers' };
      } catch (error) {
        const hint = error instanceof CleaverError ? ` ${error.hint}` : '';
        return { what: `Model ${name}`, ok: false, detail: `${messageOf(error)}${hint}` };
      }
    }),
  );
}
