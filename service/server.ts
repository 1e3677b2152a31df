import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Home } from '../pipelines/adapters/home.ts';
import type { Registry } from '../pipelines/adapters/registry.ts';
import { joinCluster } from './cluster.ts';
import { PlainConnections } from './direct/plain-connections.ts';
import { Admission } from './load/admission.ts';
import { LargeRequests } from './load/large-requests.ts';
import { listen, OTHER_METRICS_PORT } from './listen.ts';
import { personLog } from './log/person-log.ts';
import { requestLog } from './log/request-log.ts';
import { openService } from './service.ts';
import { readSettings, type ServiceSettings } from './settings.ts';

/** Requests that may be in the house at once. */
const REQUESTS = 512;
/** An idle connection is kept longer than a proxy before us keeps it, so that none is closed as a request is sent. */
const KEEP_ALIVE_MS = 75_000;
/** So many may wait to be accepted: Node's default. */
const BACKLOG = 511;
/** Where nobody has been accepted for so long, nobody waits. */
const QUIET_MS = 20;
/** For who reads the metrics as the server ends. */
const METRICS_DRAIN_MS = 1000;

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
  /** Waits for so many milliseconds while the server lingers; another clock in tests. */
  linger?: (ms: number) => Promise<unknown>;
}

export interface RunningServer {
  url: string;
  /** Where `/metrics` and the probes are answered without a key. */
  metricsUrl: string | undefined;
  /**
   * Is not ready any more, but accepts and answers as before for as long as it is to linger, by answers that are the last
   * of their connections. Then takes no more requests, finishes those that run (for a limited time), and closes the models.
   */
  close(): Promise<void>;
}

/**
 * Serves every champion of the registry; resolves when it listens and has tried to load them all.
 * Errors: PORT_IN_USE, OPTION_INVALID (a setting, or a host or port that cannot be listened on), STATE_UNWRITABLE.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { home, settings = readSettings(), registry, linger = sleep } = options;
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
  const { listener, direct } = service.listener();
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: limits.requestMs, connectionsCheckingInterval: 1000 },
    admission.guard(listener),
  );
  server.maxConnections = limits.connections;
  const plain = direct && new PlainConnections(server, { ...direct, admission, keepAliveMs: KEEP_ALIVE_MS });
  const end = async () => {
    admission.close();
    await large.close();
    await service.close();
  };
  const metricsServer = createServer(service.metricsListener());
  let url: string;
  let metricsUrl: string | undefined;
  try {
    url = await listen(server, host, port);
    if (settings.metricsPort !== undefined)
      metricsUrl = await listen(metricsServer, host, settings.metricsPort, OTHER_METRICS_PORT);
  } catch (error) {
    server.close();
    await end();
    throw error;
  }
  await service.models.refresh();
  return {
    ...{ url, metricsUrl },
    async close() {
      service.models.isEnding = true;
      admission.end();
      await linger(limits.lingerMs);
      await acceptWaiting(server, limits.drainMs);
      await admission.readAll();
      await drain(server, limits.drainMs, plain);
      // Last, so that the last values can be read, but before the thread for large requests takes its own away.
      await drain(metricsServer, METRICS_DRAIN_MS);
      await end();
    },
  };
}

/**
 * Accepts whoever has connected already, for a limited time: the system would hang up on them when the server stops to
 * listen. In a turn of the event loop only one is accepted, and in a cluster another process has to pass it on.
 */
async function acceptWaiting(server: Server, limitMs: number): Promise<void> {
  const until = performance.now() + limitMs;
  let accepted = 0;
  let before = -1;
  server.on('connection', () => (accepted += 1));
  while (accepted > before && accepted <= BACKLOG && performance.now() < until) {
    before = accepted;
    await sleep(QUIET_MS);
  }
}

/** Finishes what has begun on a server that takes no more connections, for a limited time. */
async function drain(server: Server, drainMs: number, plain?: PlainConnections): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => {
    resolve(undefined);
  });
  // A connection that is kept alive becomes idle when its request is done; it would hold the server open.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    plain?.closeIdle();
  }, 20);
  const limit = setTimeout(() => {
    server.closeAllConnections();
    plain?.closeAll();
  }, drainMs);
  await promise;
  clearInterval(sweep);
  clearTimeout(limit);
}
