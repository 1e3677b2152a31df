import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { temporaryFolder } from '../../tests/support/temporary-folder.ts';
import { noProgram } from '../component.ts';
import { NODE_METRICS } from '../metric-names.ts';
import { dashboardQueries, resolveVariables } from './files.ts';

const noPromtool = noProgram('promtool');
const noExporter = noProgram('node_exporter');

describe.skipIf(noPromtool)(`promtool ${noPromtool || ''}`, () => {
  test('reads every expression of every panel', async () => {
    const queries = dashboardQueries();
    const { stdout } = await check(queries.map(({ expr }) => expr));
    expect(stdout).toContain(`SUCCESS: ${queries.length} rules found`);
  });

  test('does not read one with a bracket too few', async () => {
    await expect(check(['sum(rate(up[1m])'])).rejects.toThrow('unclosed left parenthesis');
  });
});

describe.skipIf(noExporter)(`node exporter ${noExporter || ''}`, () => {
  test('has the metrics that we ask it for', async () => {
    const page = await exporterPage();
    const found = new Set([...page.matchAll(/^(node_\w+)/gm)].map(([name]) => name));
    expect(NODE_METRICS.filter((name) => !found.has(name))).toEqual([]);
  });
});

/** Checks expressions as the rules of one file. */
async function check(expressions: readonly string[]): Promise<{ stdout: string }> {
  const file = path.join(await temporaryFolder(), 'rules.yaml');
  const rules = expressions.map((expr, index) => ({
    record: `panel:query:number${index}`,
    expr: resolveVariables(expr, { rateInterval: '1m' }),
  }));
  await writeFile(file, stringify({ groups: [{ name: 'panels', rules }] }));
  return await promisify(execFile)('promtool', ['check', 'rules', '--lint=none', file]);
}

async function exporterPage(): Promise<string> {
  const address = `127.0.0.1:${await freePort()}`;
  const exporter = spawn('node_exporter', [`--web.listen-address=${address}`], { stdio: 'ignore' });
  onTestFinished(() => void exporter.kill());
  const ask = async () => await (await fetch(`http://${address}/metrics`)).text();
  await expect.poll(ask, { timeout: 10_000 }).toContain('node_load1');
  return await ask();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
