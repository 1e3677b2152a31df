import { PANELS, SEARCHES, type Panel, type SavedSearch } from './searches.ts';
import { LOGS, REJECTED } from './index-template.ts';

/** One object of OpenSearch Dashboards or Kibana, as their import takes it. */
export interface SavedObject {
  id: string;
  type: 'index-pattern' | 'search' | 'visualization' | 'dashboard';
  attributes: Record<string, unknown>;
  references: { id: string; name: string; type: string }[];
}

const DASHBOARD = 'cleaver-logs-dashboard';
const PANEL_WIDTH = 24;
const PANEL_HEIGHT = 12;
const INDEX_REFERENCE = 'kibanaSavedObjectMeta.searchSourceJSON.index';

/** Index patterns, searches, panels and the dashboard, each before what refers to it. */
export function savedObjects(): SavedObject[] {
  return [indexPattern(LOGS), indexPattern(REJECTED), ...SEARCHES.map(search), ...PANELS.map(panel), dashboard()];
}

/** For the import: one JSON object in each line. */
export function savedObjectsNdjson(): string {
  return savedObjects()
    .map((object) => `${JSON.stringify(object)}\n`)
    .join('');
}

function indexPattern(title: string): SavedObject {
  // The fields are asked for when it is opened.
  return { id: title, type: 'index-pattern', attributes: { title, timeFieldName: '@timestamp' }, references: [] };
}

function search({ id, title, description, index, query, columns }: SavedSearch): SavedObject {
  return {
    id,
    type: 'search',
    attributes: {
      title,
      description,
      columns,
      sort: [['@timestamp', 'desc']],
      hits: 0,
      version: 1,
      kibanaSavedObjectMeta: { searchSourceJSON: searchSource(query) },
    },
    references: [{ id: index, name: INDEX_REFERENCE, type: 'index-pattern' }],
  };
}

function panel({ id, title, description, query, kind, aggregations }: Panel): SavedObject {
  const visState = {
    title,
    type: kind,
    params: kind === 'table' ? { perPage: 10, showTotal: false } : { addLegend: true, addTooltip: true },
    aggs: aggregations.map((aggregation, index) => ({ id: String(index + 1), enabled: true, ...aggregation })),
  };
  return {
    id,
    type: 'visualization',
    attributes: {
      title,
      description,
      visState: JSON.stringify(visState),
      uiStateJSON: '{}',
      version: 1,
      kibanaSavedObjectMeta: { searchSourceJSON: searchSource(query) },
    },
    references: [{ id: LOGS, name: INDEX_REFERENCE, type: 'index-pattern' }],
  };
}

function dashboard(): SavedObject {
  const shown = [...PANELS.map(({ id }) => ({ id, type: 'visualization' })), { id: 'cleaver-failed', type: 'search' }];
  const panels = shown.map((_, index) => {
    const [x, y] = [(index % 2) * PANEL_WIDTH, Math.floor(index / 2) * PANEL_HEIGHT];
    return {
      panelIndex: String(index),
      panelRefName: `panel_${index}`,
      gridData: { x, y, w: PANEL_WIDTH, h: PANEL_HEIGHT, i: String(index) },
      embeddableConfig: {},
      version: '2.0.0',
    };
  });
  return {
    id: DASHBOARD,
    type: 'dashboard',
    attributes: {
      title: 'Cleaver: logs',
      description: 'What the service and the pipeline wrote, and what of it failed.',
      panelsJSON: JSON.stringify(panels),
      optionsJSON: JSON.stringify({ hidePanelTitles: false, useMargins: true }),
      timeRestore: true,
      timeFrom: 'now-24h',
      timeTo: 'now',
      refreshInterval: { pause: false, value: 30_000 },
      version: 1,
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify({ query: lucene(''), filter: [] }) },
    },
    references: shown.map(({ id, type }, index) => ({ id, name: `panel_${index}`, type })),
  };
}

function searchSource(query: string): string {
  return JSON.stringify({ query: lucene(query), filter: [], indexRefName: INDEX_REFERENCE });
}

/** The language that the store reads itself, so that what a test asks it is what a person sees. */
function lucene(query: string): object {
  return { query, language: 'lucene' };
}
