import { createServer, type Server } from 'node:http';
import type { Home } from '../pipelines/adapters/home.ts';
import type { Registry } from '../pipelines/adapters/registry.ts';
import { Admission } from './load/admission.ts';
import { joinCluster } from './cluster.ts';
import { LargeRequests } from './load/large-requests.ts';
import { listen } from './listen.ts';
import { personLog } from './log/person-log.ts';
import { requestLog } from './log/request-log.ts';
import { openService } from './service.ts';
import { readSettings, type ServiceSettings } from './settings.ts';

/** Requests that may be in the house at once. */
const REQUESTS = 512;
/** An idle connection is kept longer than a proxy before us keeps it, so that none is closed as a request is sent. */
const KEEP_ALIVE_MS = 75_000;

export interface ServerOptions {
  home: Home;
  /** By default from the environment; the address may be given apart. */
  settings?: ServiceSettings;
  host?: string;
  /** 0 picks a free one. */
  port?: number;
  registry?: Registry;
  /** Where lines for a person go; without it, JSON lines go to stderr. */
  log?: ((line: string) => void) | undefined;
}

export interface RunningServer {
  url: string;
  /** Takes no more requests, finishes those that run (for a limited time), then closes the models. */
  close(): Promise<void>;
}

/**
 * Serves every champion of the registry; resolves when it listens and has tried to load them all.
 * Errors: PORT_IN_USE, OPTION_INVALID (a setting, or a host or port that cannot be listened on), STATE_UNWRITABLE.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { home, settings = readSettings(), registry } = options;
  const { host = settings.host, port = settings.port } = options;
  const { limits } = settings;
  const log = options.log === undefined ? requestLog(settings.log) : personLog(options.log);
  const large = new LargeRequests({
    home,
    settings,
    log,
    onShed: () => {
      service.metrics.shed('large');
    },
  });
  const service = await openService({
    ...{ home, settings, registry, log },
    offload: large.middleware(),
    otherMetrics: async () => [...(await large.metrics()), ...(await cluster.others())],
  });
  const cluster = joinCluster(service.metrics);
  const admission = new Admission({
    requests: REQUESTS,
    loopDelayMs: limits.loopDelayMs,
    onShed() {
      service.metrics.shed('busy');
    },
  });
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: limits.requestMs, connectionsCheckingInterval: 1000 },
    admission.guard(service.listener()),
  );
  server.maxConnections = limits.connections;
  const end = async () => {
    admission.close();
    await large.close();
    await service.close();
  };
  let url: string;
  try {
    url = await listen(server, host, port);
  } catch (error) {
    await end();
    throw error;
  }
  await service.models.refresh();
  return {
    url,
    async close() {
      await admission.readAll();
      await drain(server, limits.drainMs);
      await end();
    },
  };
}

async function drain(server: Server, drainMs: number): Promise<void> {
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
  }, drainMs);
  await promise;
  clearInterval(sweep);
  clearTimeout(limit);
}
