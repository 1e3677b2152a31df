import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard as Uid, Places } from '../places.ts';
import { DATASOURCE, panelBuilder, type Panel } from './panel.ts';

/** One subject, in rows that are read from top to bottom: what people feel first. */
export interface Dashboard {
  uid: Uid;
  title: string;
  description: string;
  /** How often it looks anew, e.g. `10s`. */
  refresh: string;
  /** The time that is shown at first, e.g. `now-1h`. */
  from: string;
  /** Whether one model can be picked of several. */
  byModel: boolean;
  rows: readonly { title: string; panels: readonly Panel[] }[];
}

/** The model that Grafana's variable names, as a matcher; all of them at first. */
export const OF_MODEL = 'model=~"$model"';

/** A dashboard as Grafana has it. */
export function dashboardJson(dashboard: Dashboard, places: Places): object {
  const { uid, title, description, refresh, from, byModel, rows } = dashboard;
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the newer form is no file that every Grafana reads
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['cleaver'])
    .readonly()
    .timezone('browser')
    .refresh(refresh)
    .time({ from, to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Cleaver')
        .type(DashboardLinkType.Dashboards)
        .tags(['cleaver'])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .withVariable(
      new DatasourceVariableBuilder('datasource')
        .label('Data source')
        .type('prometheus')
        .current({ text: 'Prometheus', value: 'prometheus' }),
    );
  if (byModel) builder.withVariable(modelVariable());
  let id = 0;
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id((id += 1)));
    for (const panel of row.panels) builder.withPanel(panelBuilder(panel, places).id((id += 1)));
  }
  return builder.build();
}

function modelVariable(): QueryVariableBuilder {
  return new QueryVariableBuilder('model')
    .label('Model')
    .datasource(DATASOURCE)
    .query({ query: 'label_values({__name__=~"cleaver_model_info|cleaver_step_runs"}, model)', refId: 'models' })
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ text: 'All', value: '$__all', selected: true });
}
