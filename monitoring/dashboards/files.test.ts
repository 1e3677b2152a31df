import { describe, expect, test } from 'vitest';
import { metricNames, metricsIn } from '../metric-names.ts';
import type { Places } from '../places.ts';
import { alerts } from '../rules/alerts.ts';
import { dashboardFiles, dashboardQueries, DASHBOARDS, resolveVariables } from './files.ts';
import { UNITS } from './units.ts';

const PLACES: Places = {
  grafanaUrl: 'https://grafana.example',
  logsUrl: 'https://logs.example',
  runbooksUrl: 'https://runbooks.example',
};

/** What of Grafana's JSON is looked at. */
interface DashboardJson {
  uid: string;
  refresh: string;
  tags: string[];
  templating: { list: { name: string; type: string; query?: unknown; current?: unknown; allValue?: string }[] };
  panels: PanelJson[];
}

interface PanelJson {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: unknown;
  gridPos: { x: number; y: number; w: number; h: number };
  links?: { title: string; url: string }[];
  targets?: { refId: string; expr: string; legendFormat: string; datasource: unknown }[];
  options?: { legend?: { showLegend: boolean } };
  fieldConfig?: {
    defaults: {
      unit?: string;
      thresholds?: { mode: string; steps: { value: number | null; color: string }[] };
      custom?: { thresholdsStyle?: { mode: string } };
    };
  };
}

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const files = Object.entries(dashboardFiles(PLACES)).map(
  ([file, text]) => [file, JSON.parse(text) as DashboardJson] as const,
);
const panels = files.flatMap(([file, { panels: all }]) =>
  all.filter(({ type }) => type !== 'row').map((panel) => [`${file}: ${panel.title}`, panel] as const),
);

test('there are five dashboards, by their fixed names', () => {
  expect(files.map(([file, { uid }]) => [file, uid])).toEqual(
    ['home-server', 'service', 'model', 'pipeline', 'business'].map((name) => [
      `dashboards/${name}.json`,
      `cleaver-${name}`,
    ]),
  );
});

test('they are the same text each time', () => {
  expect(dashboardFiles(PLACES)).toEqual(dashboardFiles(PLACES));
});

describe.each(files)('%s', (_, dashboard) => {
  test('looks anew by itself, the machine every ten seconds, and is found from the others', () => {
    expect(dashboard.refresh).toMatch(/^\d+[sm]$/);
    if (dashboard.uid === 'cleaver-home-server') expect(dashboard.refresh).toBe('10s');
    expect(dashboard.tags).toEqual(['cleaver']);
  });

  test('takes its data source by a variable, and has one for the model where it asks by model', () => {
    const [source, model, ...more] = dashboard.templating.list;
    expect(source).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    expect(source?.current).toMatchObject({ text: 'Prometheus', value: 'prometheus' });
    expect(more).toEqual([]);
    const asksByModel = JSON.stringify(dashboard.panels).includes('$model');
    expect(model?.name).toBe(asksByModel ? 'model' : undefined);
    if (asksByModel) expect(model?.allValue).toBe('.+');
  });

  test('has panels that lie beside each other, with numbers and titles of their own', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const all = dashboard.panels.filter(({ type }) => type !== 'row');
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
    for (const [index, { gridPos: one }] of dashboard.panels.entries()) {
      expect(one.x + one.w).toBeLessThanOrEqual(24);
      for (const { gridPos: other } of dashboard.panels.slice(index + 1)) {
        const apart =
          one.x + one.w <= other.x ||
          other.x + other.w <= one.x ||
          one.y + one.h <= other.y ||
          other.y + other.h <= one.y;
        expect(apart).toBe(true);
      }
    }
  });
});

describe.each(panels)('%s', (_, panel) => {
  test('says what it is, in a unit of ours', () => {
    expect(panel.description).toMatch(/\.$/);
    expect(Object.keys(UNITS)).toContain(panel.fieldConfig?.defaults.unit);
  });

  test('has a line that parts well from not well, and draws it', () => {
    const { thresholds, custom } = panel.fieldConfig?.defaults ?? {};
    expect(thresholds?.mode).toBe('absolute');
    expect(thresholds?.steps).toHaveLength(2);
    const [under, over] = thresholds?.steps ?? [];
    expect([under?.value, typeof over?.value]).toEqual([null, 'number']);
    expect(new Set([under?.color, over?.color])).toEqual(new Set(['green', 'red']));
    expect(custom?.thresholdsStyle?.mode).toBe('dashed');
  });

  test('links the logs of the time that is looked at', () => {
    expect(panel.links?.map(({ title }) => title)).toEqual(['Logs']);
    expect(panel.links?.[0]?.url).toMatch(
      /^https:\/\/logs\.example\/app\/discover#\/\?_a=\(index:cleaver-logs,query:\(language:kuery,query:%27[^ ]+%27\)\)&_g=\(time:\(from:'\$\{__from:date:iso\}',to:'\$\{__to:date:iso\}'\)\)$/,
    );
  });

  test('asks with a legend, of the variable data source', () => {
    expect(panel.datasource).toEqual(DATASOURCE);
    expect(panel.options?.legend?.showLegend).toBe(true);
    for (const { legendFormat, datasource } of panel.targets ?? []) {
      expect(legendFormat).not.toBe('');
      expect(datasource).toEqual(DATASOURCE);
    }
    expect(panel.targets?.map(({ refId }) => refId)).toEqual('ABCDEFGH'.split('').slice(0, panel.targets?.length));
  });

  test('asks for metrics that there are', async () => {
    const names = await metricNames();
    for (const { expr } of panel.targets ?? []) expect(unknownIn(expr, names)).toEqual([]);
  });

  test('asks for time where it shows time, for bytes where it shows bytes', () => {
    for (const { expr } of panel.targets ?? [])
      expect(misfits(expr, panel.fieldConfig?.defaults.unit ?? '')).toBe(false);
  });

  test('leaves no variable without a value, and no bracket open', () => {
    for (const { expr } of panel.targets ?? []) {
      const resolved = resolveVariables(expr, { rateInterval: '1m' });
      expect(resolved).not.toContain('$');
      expect([...resolved.matchAll(/[([{]/g)]).toHaveLength([...resolved.matchAll(/[)\]}]/g)].length);
    }
  });
});

describe('the queries', () => {
  test('are those of the panels', () => {
    const asked = panels.flatMap(([, panel]) => (panel.targets ?? []).map(({ expr }) => [panel.title, expr]));
    expect(dashboardQueries().map(({ panel, expr }) => [panel, expr])).toEqual(asked);
    expect(new Set(dashboardQueries().map(({ dashboard }) => dashboard))).toEqual(
      new Set(DASHBOARDS.map(({ uid }) => uid)),
    );
  });

  test('about disks are those of the alert', () => {
    const alert = alerts.find(({ name }) => name === 'DiskFull')?.expr ?? '';
    const query = dashboardQueries().find(({ panel }) => panel === 'Disk free')?.expr ?? '';
    expect(alert.startsWith(`${query} < `)).toBe(true);
  });

  test('get their variables from us', () => {
    const expr = 'rate(a_total{model=~"$model"}[$__rate_interval])';
    expect(resolveVariables(expr, { rateInterval: '20s', model: 'shop' })).toBe('rate(a_total{model=~"shop"}[20s])');
    expect(resolveVariables(expr, { rateInterval: '20s' })).toBe('rate(a_total{model=~".+"}[20s])');
  });

  test('that misspell a metric would be seen, in each of them', async () => {
    const names = await metricNames();
    for (const { expr } of dashboardQueries()) {
      for (const metric of metricsIn(expr)) {
        const misspelt = metric.replace(/(.)(.)$/, '$2$1');
        if (misspelt === metric) continue;
        expect(unknownIn(expr.replaceAll(metric, misspelt), names)).toContain(misspelt);
      }
    }
  });

  test('that show a time in bytes would be seen', () => {
    expect(misfits('process_resident_memory_bytes', 's')).toBe(true);
    expect(misfits('cleaver_step_last_duration_seconds', 'bytes')).toBe(true);
    expect(misfits('rate(node_network_receive_bytes_total[1m])', 'bps')).toBe(true);
    expect(misfits('node_load1', 's')).toBe(true);
  });
});

test.each([
  ['percentunit', 0.5, 1.5],
  ['percent', -20, Number.NaN],
  ['s', -5, Number.POSITIVE_INFINITY],
  ['bytes', 0, -1],
  ['short', 3, Number.NaN],
  ['none', -0.1, Number.NaN],
  ['bool_yes_no', 1, 0.5],
] as const)('in %s %d can be, %d cannot', (unit, right, wrong) => {
  expect([UNITS[unit](right), UNITS[unit](wrong)]).toEqual([true, false]);
});

function unknownIn(expr: string, names: ReadonlySet<string>): string[] {
  return metricsIn(expr).filter((metric) => !names.has(metric));
}

/** Whether the names of the metrics speak of another unit; a share of two amounts has none. */
function misfits(expr: string, unit: string): boolean {
  const [seconds, bytes] = ['_seconds', '_bytes'].map((part) => metricsIn(expr).some((name) => name.includes(part)));
  if (unit === 's') return !seconds || bytes === true;
  if (unit === 'bytes' || unit === 'Bps') return !bytes || seconds === true;
  if (unit === 'bps') return !bytes || !expr.endsWith('* 8');
  return false;
}
