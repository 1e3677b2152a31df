import { rmSync } from 'node:fs';
import { request } from 'node:http';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { messageOf } from '../../../pipelines/core/errors.ts';
import { explainFailure } from '../explain-failure.ts';
import type { Programs, Started } from '../programs.ts';

export interface ApiAnswer {
  status: number;
  body: string;
}

/** Reads from the API server with what the kubeconfig says. */
export interface Api {
  /** Whatever the status; 504 when no answer comes in time. Errors: TOOL_MISSING, CLUSTER_UNREACHABLE. */
  get(path: string): Promise<ApiAnswer>;
  /** The same; answers the body of a 200. Errors: those, CLUSTER_FORBIDDEN, CLUSTER_REFUSED. */
  ask(path: string): Promise<string>;
  close(): Promise<void>;
}

/** An API server that does not answer is not waited for longer. */
const PATIENCE_MS = 20_000;

/**
 * One `kubectl proxy` for all questions, begun with the first: a kubectl for each takes a tenth of a second of processor, which
 * on one machine the pods wait for. It listens on a socket that nobody else may open.
 */
export function openApi(programs: Programs, patienceMs = PATIENCE_MS): Api {
  let folder: string | undefined;
  let proxy: Promise<string> | undefined;
  const started: Started[] = [];
  const remove = () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  };
  const start = async () => {
    // Made for its owner alone.
    if (folder === undefined) {
      folder = await mkdtemp(path.join(tmpdir(), 'cleaver-api-'));
      process.once('exit', remove);
    }
    const socket = path.join(folder, String(started.length));
    started.push(await programs.start('kubectl', ['proxy', '--unix-socket', socket]));
    return socket;
  };
  const api: Api = {
    async get(url) {
      const running = (proxy ??= start());
      try {
        return await answerOf(await running, url, patienceMs);
      } catch (error) {
        // The next question begins another.
        if (proxy === running) proxy = undefined;
        throw error;
      }
    },
    async ask(url) {
      const answer = await api.get(url);
      if (answer.status !== 200) throw failed(wordsOf(answer));
      return answer.body;
    },
    async close() {
      await Promise.all(started.map((one) => one.stop()));
      process.off('exit', remove);
      remove();
    },
  };
  return api;
}

async function answerOf(socketPath: string, url: string, patienceMs: number): Promise<ApiAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
  const signal = AbortSignal.timeout(patienceMs);
  // kubectl proxy answers no other host.
  const asked = request({ socketPath, path: url, headers: { host: 'localhost' }, signal }, (response) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (body += chunk));
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, body });
    });
    response.on('error', reject);
  });
  asked.on('error', reject);
  asked.end();
  try {
    return await promise;
  } catch (error) {
    // Of a pod that hangs, which says nothing of the API server.
    if (signal.aborted) return { status: 504, body: `no answer after ${patienceMs / 1000} s: deadline exceeded` };
    throw failed(`kubectl proxy is unreachable: ${messageOf(error)}`);
  }
}

/** As kubectl itself tells of an answer that is none. */
function wordsOf({ status, body }: ApiAnswer): string {
  try {
    const { reason, message } = JSON.parse(body) as { reason?: string; message?: string };
    return `Error from server (${reason ?? status}): ${message ?? ''}`;
  } catch {
    // The proxy itself: it did not reach the server.
    return body.trim() === '' ? `status ${status}` : body.trim();
  }
}

function failed(stderr: string): Error {
  return explainFailure('kubectl', ['get'], { status: 1, stdout: '', stderr });
}
