import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts } from '../../bench/serve/launch.ts';
import { SteadyLoad } from '../../tests/cluster/steady-load.ts';
import { livingModel, type LivingModel } from '../../tests/support/living-model.ts';
import { CLI } from '../../tests/support/run-cli.ts';
import { alertmanagerFiles } from '../alertmanager/files.ts';
import { type LoopbackSlack, openLoopbackSlack, zoneAtHour } from '../alertmanager/loopback-slack.ts';
import { prometheusYaml } from '../prometheus/files.ts';
import { ruleFiles } from '../rules/files.ts';
import { MESSAGES, QUIET_HOURS } from '../thresholds.ts';
import { type Program, startProgram } from './program.ts';

/** Minutes are seconds: the same rules, sooner. */
export const TIME_SCALE = 60;
const NOON = 12;
export const NIGHT = 2;

/** What is watched and what watches it, from the server to Slack, as programs of this machine. */
export interface ChainWorld {
  living: LivingModel;
  slack: LoopbackSlack;
  prometheus: Program;
  alertmanager: Program;
  /** Starts what is not running. */
  start(name: 'service' | 'exporter'): Promise<void>;
  kill(name: 'service' | 'exporter'): Promise<void>;
  /** Whether GitHub's runner is at work, as systemd would say. */
  setRunner(isActive: boolean): Promise<void>;
  /** Alertmanager believes that it is this hour. */
  setHour(hour: number): Promise<void>;
  query(expr: string): Promise<Sample[]>;
  /** Prometheus' API under `/api/v1/`; its `data`. */
  ask<T>(what: string): Promise<T>;
  close: () => Promise<void>;
}

export interface Sample {
  metric: Record<string, string>;
  value: number;
}

/** What Prometheus answers to a query. */
interface Found {
  result: { metric: Record<string, string>; value: [number, string] }[];
}

/** Starts all of it, with a model that has lived for some weeks. Return its `close` from `beforeAll`. */
export async function chainWorld(): Promise<ChainWorld> {
  const root = await mkdtemp(path.join(tmpdir(), 'cleaver-test-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(root, { recursive: true, force: true })];
  const living = await livedModel(root);
  const metrics = path.join(living.home.root, 'metrics');
  const slack = await openLoopbackSlack();
  ends.push(() => slack.close());
  const [servicePort, exporterPort, prometheusPort] = await freePorts();
  const [alertmanagerPort] = await freePorts();
  const running = new Map<'service' | 'exporter', Program>();
  const models = await living.writeFolder();
  const starts = {
    service: () =>
      startProgram([process.execPath, CLI, 'serve', '--port', String(servicePort)], {
        port: servicePort,
        ready: '/readyz',
        cwd: root,
        env: { CLEAVER_HOME: living.home.root, CLEAVER_MODELS: models },
      }),
    exporter: () =>
      startProgram(
        [
          'node_exporter',
          `--web.listen-address=127.0.0.1:${exporterPort}`,
          `--collector.textfile.directory=${metrics}`,
        ],
        { port: exporterPort, ready: '/', cwd: root },
      ),
  };
  const start = async (name: 'service' | 'exporter') => {
    if (!running.has(name)) running.set(name, await starts[name]());
  };
  const kill = async (name: 'service' | 'exporter') => {
    await running.get(name)?.stop('SIGKILL');
    running.delete(name);
  };
  const setRunner = (isActive: boolean) =>
    writeFile(
      path.join(metrics, 'systemd.prom'),
      `node_systemd_unit_state{name="actions.runner.shop.home.service",state="active"} ${Number(isActive)}\n`,
    );
  await setRunner(true);
  await Promise.all([start('service'), start('exporter')]);
  ends.push(
    () => kill('service'),
    () => kill('exporter'),
  );

  const configure = (hour: number) => writeAlertmanager(root, slack, hour);
  await configure(NOON);
  const alertmanager = await startProgram(
    [
      'alertmanager',
      `--config.file=${path.join(root, 'alertmanager', 'alertmanager.yml')}`,
      `--storage.path=${path.join(root, 'alertmanager', 'data')}`,
      `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
      `--web.external-url=http://127.0.0.1:${alertmanagerPort}`,
      '--cluster.listen-address=',
    ],
    { port: alertmanagerPort, ready: '/-/ready', cwd: root },
  );
  ends.push(() => alertmanager.stop());

  await write(root, ruleFiles({ timeScale: TIME_SCALE }));
  const local = (port: number) => `127.0.0.1:${port}`;
  await write(root, {
    'prometheus.yml': prometheusYaml({
      scrapeInterval: '1s',
      ruleFiles: [path.join(root, 'rules', '*.yaml')],
      alertmanager: local(alertmanagerPort),
      targets: {
        cleaver: local(servicePort),
        node: local(exporterPort),
        prometheus: local(prometheusPort),
        alertmanager: local(alertmanagerPort),
      },
    }),
  });
  const prometheus = await startProgram(
    [
      'prometheus',
      `--config.file=${path.join(root, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(root, 'tsdb')}`,
      `--web.listen-address=${local(prometheusPort)}`,
    ],
    { port: prometheusPort, ready: '/-/ready', cwd: root },
  );
  ends.push(() => prometheus.stop());

  const load = new SteadyLoad({
    url: `http://${local(servicePort)}/predict/living`,
    body: JSON.stringify({ row: { x0: 1, x1: -1 } }),
    perSecond: 20,
  });
  ends.push(() => load.stop());

  const ask = async <T>(what: string): Promise<T> => {
    const answer = (await (await fetch(`${prometheus.url}/api/v1/${what}`)).json()) as { data: T; error?: string };
    if (answer.error !== undefined) throw new Error(`${what}: ${answer.error}`);
    return answer.data;
  };
  return {
    ...{ living, slack, prometheus, alertmanager, start, kill, setRunner, ask },
    async close() {
      for (const end of ends.reverse()) await end();
    },
    async setHour(hour) {
      await configure(hour);
      const { ok } = await fetch(`${alertmanager.url}/-/reload`, { method: 'POST' });
      if (!ok) throw new Error(`Alertmanager does not take its configuration:\n${alertmanager.said()}`);
    },
    async query(expr) {
      const { result } = await ask<Found>(`query?query=${encodeURIComponent(expr)}`);
      return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
    },
  };
}

/** Judged twice by the gate, and with outcomes of enough days to say whether it has drifted. */
async function livedModel(root: string): Promise<LivingModel> {
  const living = await livingModel({ root });
  await living.turn();
  living.live(8, 'second');
  await living.turn();
  for (let day = 0; day < 6; day += 1) {
    living.live(1, 'second');
    await living.turn({ manifest: { retrain: { everyDays: 100 } } });
  }
  await write(living.home.root, { 'schedules/etl.json': JSON.stringify({ '17 2 * * *': new Date().toISOString() }) });
  return living;
}

async function writeAlertmanager(root: string, slack: LoopbackSlack, hour: number): Promise<void> {
  const at = (name: string) => path.join(root, 'alertmanager', name);
  const shorter = Object.entries(MESSAGES).map(([name, seconds]) => [name, seconds / TIME_SCALE]);
  const files = alertmanagerFiles({
    slackUrlFile: at('slack-url'),
    heartbeatUrlFile: at('heartbeat-url'),
    templates: at('*.tmpl'),
    messages: Object.fromEntries(shorter) as typeof MESSAGES,
    quietHours: { ...QUIET_HOURS, location: zoneAtHour(hour) },
  });
  await write(root, {
    ...files,
    'alertmanager/slack-url': slack.slackUrl,
    'alertmanager/heartbeat-url': slack.heartbeatUrl,
  });
}

async function write(root: string, files: Record<string, string>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
}
