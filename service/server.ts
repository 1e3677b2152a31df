import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import packageJson from '../package.json' with { type: 'json' };
import { openFileRegistry } from '../pipelines/adapters/file-registry.ts';
import { hasCode } from '../pipelines/adapters/files.ts';
import type { Home } from '../pipelines/adapters/home.ts';
import type { Registry } from '../pipelines/adapters/registry.ts';
import { loadScorer } from '../pipelines/adapters/scorer.ts';
import { CleaverError, messageOf } from '../pipelines/core/errors.ts';
import { createApp } from './app.ts';
import { createMetrics } from './metrics.ts';
import { openReportFiles } from './report-files.ts';
import { type ModelEvent, ServedModels } from './served-models.ts';

const DRAIN_MS = 10_000;

export interface ServerOptions {
  home: Home;
  host?: string;
  /** 0 picks a free one. */
  port?: number;
  registry?: Registry;
  /** Where lines for people go; stderr by default. */
  log?: (line: string) => void;
}

export interface RunningServer {
  url: string;
  /** Takes no more requests, finishes those that run (for ten seconds at most), then closes the models. */
  close(): Promise<void>;
}

/**
 * Serves every champion of the registry; resolves when it listens and has tried to load them all.
 * Errors: PORT_IN_USE, OPTION_INVALID (a host or port that cannot be listened on).
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { home, host = '127.0.0.1', port = 8080 } = options;
  const log = options.log ?? ((line) => process.stderr.write(`${line}\n`));
  const metrics = createMetrics();
  const models = new ServedModels({
    registry: options.registry ?? openFileRegistry(home.registry, home.work),
    load: loadScorer,
    now: () => new Date(),
    onEvent(event) {
      metrics.modelEvent(event);
      log(eventLine(event));
    },
  });
  const reports = openReportFiles(home.reports);
  const app = createApp({ models, reports, metrics, log, serverVersion: packageJson.version });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  try {
    await listen(server, host, port);
  } catch (error) {
    await models.close();
    throw error;
  }
  await models.refresh();
  return {
    url: urlOf(host, (server.address() as AddressInfo).port),
    async close() {
      await drain(server);
      await models.close();
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  server.listen(port, host, () => {
    resolve(undefined);
  });
  try {
    await promise;
  } catch (cause) {
    if (hasCode(cause, 'EADDRINUSE')) {
      throw new CleaverError('PORT_IN_USE', `Another program listens on port ${port} of ${host}.`, {
        hint: 'Stop it, or choose another: npx cleaver serve --port 8081',
        cause,
      });
    }
    throw new CleaverError('OPTION_INVALID', `Cannot listen on port ${port} of ${host}: ${messageOf(cause)}.`, {
      hint: 'Choose an address of this machine and a port from 1024 to 65535.',
      cause,
    });
  }
}

async function drain(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => {
    resolve(undefined);
  });
  // A connection that is kept alive becomes idle when its request is done; it would hold the server open.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, 20);
  const limit = setTimeout(() => {
    server.closeAllConnections();
  }, DRAIN_MS);
  await promise;
  clearInterval(sweep);
  clearTimeout(limit);
}

function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function eventLine(event: ModelEvent): string {
  switch (event.kind) {
    case 'loaded': {
      const before = event.replaced === undefined ? '' : ` instead of ${event.replaced}`;
      return `serve: ${event.model} ${event.version.version} answers requests${before}`;
    }
    case 'load-failed': {
      const kept = event.serving === undefined ? 'nothing is served' : `${event.serving} goes on`;
      return `serve: ${event.model} ${event.champion ?? ''} does not load, ${kept}: ${messageOf(event.error)}`;
    }
    case 'removed':
      return `serve: ${event.model} ${event.version} is no longer in the registry`;
    case 'close-failed':
      return `serve: ${event.model} ${event.version} does not close: ${messageOf(event.error)}`;
    case 'registry-failed':
      return `serve: the registry cannot be read: ${messageOf(event.error)}`;
  }
}
