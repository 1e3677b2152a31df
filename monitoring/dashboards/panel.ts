import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { logsUrl, type Places } from '../places.ts';
import type { Line } from './lines.ts';
import type { Unit } from './units.ts';

/** Everything that a panel must say. */
export interface Panel {
  title: string;
  /** What it shows, and what to make of it. */
  description: string;
  unit: Unit;
  line: Line;
  queries: readonly [Query, ...Query[]];
  /** KQL over `cleaver-logs`: the lines that explain it. */
  logs: string;
  /** Values that make up a whole are drawn on top of each other. */
  isStacked?: boolean;
}

export interface Query {
  /** PromQL; `$__rate_interval` and `$model` are Grafana's to fill in. */
  expr: string;
  /** Labels as `{{name}}`. */
  legend: string;
}

/** The data source that the dashboard's variable names. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const;

const [GOOD, BAD] = ['green', 'red'];
const [WIDTH, HEIGHT] = [8, 8];

/** A panel as Grafana has it: a time series with its line, and links to its logs. */
export function panelBuilder(panel: Panel, places: Places): PanelBuilder {
  const { title, description, unit, line, queries, logs, isStacked = false } = panel;
  const builder = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .span(WIDTH)
    .height(HEIGHT)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .fillOpacity(isStacked ? 40 : 8)
    .thresholds(
      new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
        { value: null, color: line.bad === 'above' ? GOOD : BAD },
        { value: line.value, color: line.bad === 'above' ? BAD : GOOD },
      ]),
    )
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
    .links([
      new DashboardLinkBuilder('Logs').type(DashboardLinkType.Link).url(logsOfView(logs, places)).targetBlank(true),
    ]);
  if (isStacked) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  for (const [index, { expr, legend }] of queries.entries()) {
    const refId = 'ABCDEFGH'.charAt(index);
    builder.withTarget(
      new DataqueryBuilder().refId(refId).datasource(DATASOURCE).expr(expr).legendFormat(legend).range(),
    );
  }
  return builder;
}

/** The logs of the time that is looked at, which Grafana fills in. */
function logsOfView(query: string, places: Places): string {
  return `${logsUrl(places, query)}&_g=(time:(from:'\${__from:date:iso}',to:'\${__to:date:iso}'))`;
}
