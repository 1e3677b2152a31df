import { FIELDS, MALFORMED } from './fields.ts';

export type Store = 'opensearch' | 'elasticsearch';

/** The data stream that all lines are in, and that of lines that the store refused or that were no JSON, as text. */
export const LOGS = 'cleaver-logs';
export const REJECTED = 'cleaver-logs-rejected';

/** The settings and the mapping of `cleaver-logs`. */
export function logsTemplate(store: Store): object {
  const properties = Object.fromEntries(
    Object.entries(FIELDS).map(([name, type]) => [name, type === 'keyword' ? { type, ignore_above: 1024 } : { type }]),
  );
  return template(store, LOGS, {
    settings: {
      'index.default_pipeline': LOGS,
      // Where a shipper goes round the pipeline: a number that is none is left out of the index, its line is not.
      'index.mapping.ignore_malformed': true,
    },
    properties: { ...properties, [MALFORMED]: { type: 'text' } },
  });
}

/** Those of `cleaver-logs-rejected`: it takes whatever comes. */
export function rejectedTemplate(store: Store): object {
  return template(store, REJECTED, {
    settings: {},
    properties: { '@timestamp': { type: 'date' }, message: { type: 'text' }, error_reason: { type: 'text' } },
  });
}

function template(
  store: Store,
  name: string,
  { settings, properties }: { settings: object; properties: object },
): object {
  return {
    index_patterns: [name],
    data_stream: {},
    priority: 500,
    template: {
      settings: {
        'index.number_of_shards': 1,
        // One node: a replica would have no place, and the state would be yellow for ever.
        'index.number_of_replicas': 0,
        // Said, so that an index that nobody has searched for a while is fresh too.
        'index.refresh_interval': '1s',
        ...(store === 'elasticsearch' && { 'index.lifecycle.name': LOGS }),
        ...settings,
      },
      // What the mapping does not know is kept in the line and not indexed: a new field can neither clash nor add up.
      mappings: {
        dynamic: false,
        properties: { ...properties, '@timestamp': { type: 'date', ignore_malformed: false } },
      },
    },
  };
}
