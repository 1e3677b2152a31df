import { type Places, PLACES } from '../places.ts';
import { BUSINESS } from './business.ts';
import { type Dashboard, dashboardJson } from './dashboard.ts';
import { HOME_SERVER } from './home-server.ts';
import { MODEL } from './model.ts';
import { PIPELINE } from './pipeline.ts';
import { SERVICE } from './service.ts';
import type { Unit } from './units.ts';

/** From the machine to the money. */
export const DASHBOARDS: readonly Dashboard[] = [HOME_SERVER, SERVICE, MODEL, PIPELINE, BUSINESS];

/** Grafana's dashboards, one file each: `dashboards/service.json` and so on. */
export function dashboardFiles(places: Places = PLACES): Record<string, string> {
  return Object.fromEntries(
    DASHBOARDS.map((dashboard) => [
      `dashboards/${dashboard.uid.replace('cleaver-', '')}.json`,
      `${JSON.stringify(dashboardJson(dashboard, places), undefined, 2)}\n`,
    ]),
  );
}

export interface PanelQuery {
  dashboard: string;
  panel: string;
  expr: string;
  unit: Unit;
}

/** Everything that the panels ask Prometheus. */
export function dashboardQueries(): PanelQuery[] {
  return DASHBOARDS.flatMap(({ uid, rows }) =>
    rows
      .flatMap(({ panels }) => panels)
      .flatMap(({ title, unit, queries }) => queries.map(({ expr }) => ({ dashboard: uid, panel: title, expr, unit }))),
  );
}

/** An expression with Grafana's variables filled in; `model` is a pattern, all by default. */
export function resolveVariables(
  expr: string,
  { rateInterval, model = '.+' }: { rateInterval: string; model?: string },
): string {
  return expr.replaceAll('$__rate_interval', rateInterval).replaceAll('$model', model);
}
