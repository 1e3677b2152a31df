import { parseArgs } from 'node:util';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { logsTemplate, LOGS, REJECTED, rejectedTemplate, type Store } from './index-template.ts';
import { ingestPipeline } from './ingest-pipeline.ts';
import { elasticsearchPolicy, opensearchPolicy } from './retention.ts';
import { savedObjectsNdjson } from './saved-objects.ts';
import { storeApi, type StoreApi } from './store-api.ts';

export interface LogPlaces {
  /** OpenSearch or Elasticsearch: which of them, it says itself. */
  storeUrl: string;
  /** OpenSearch Dashboards or Kibana; undefined: its objects are left out. */
  dashboardsUrl?: string | undefined;
  /** Hears what is put where. */
  tell: (text: string) => void;
}

export interface InstalledLogs {
  store: Store;
  /** False where OpenSearch lacks the plugin that deletes old indices. */
  retention: boolean;
}

/**
 * Puts all that the logs need into the store and its dashboards. Done again it gives the same; a changed mapping is that of
 * the next index, which is begun at once. Errors: OPTION_INVALID, LOGS_UNREACHABLE, LOGS_REFUSED.
 */
export async function installLogs({ storeUrl, dashboardsUrl, tell }: LogPlaces): Promise<InstalledLogs> {
  const ask = storeApi(storeUrl);
  const store = await storeOf(ask);
  await ask('PUT', `/_ingest/pipeline/${LOGS}`, ingestPipeline());
  tell(`${store}: the ingest pipeline`);
  const retention = await (store === 'opensearch' ? putOpensearchPolicy(ask) : putElasticsearchPolicy(ask));
  tell(
    retention
      ? `${store}: the retention policy`
      : `${store} lacks the plugin opensearch-index-management: nothing is ever deleted. Install it and run this again.`,
  );
  for (const [name, template] of [[LOGS, logsTemplate(store)] as const, [REJECTED, rejectedTemplate(store)] as const]) {
    await putTemplate(ask, name, template);
    tell(`${store}: the index template ${name}`);
  }
  if (dashboardsUrl !== undefined) {
    await importObjects(dashboardsUrl, store);
    tell(`${dashboardsUrl.replace(/\/\/[^/]*@/, '//')}: index patterns, searches, panels and the dashboard`);
  }
  return { store, retention };
}

async function storeOf(ask: StoreApi): Promise<Store> {
  const { version } = (await ask('GET', '/')).body as { version?: { distribution?: string; number?: string } };
  if (version?.distribution === 'opensearch') return 'opensearch';
  if (version?.number !== undefined) return 'elasticsearch';
  throw new CleaverError('LOGS_REFUSED', 'What answers is neither OpenSearch nor Elasticsearch.', {
    hint: 'Give the address of the store, by default on port 9200, not that of its dashboards.',
  });
}

/** Where a data stream is there already, its next index has the new template: it is begun when the template has changed. */
async function putTemplate(ask: StoreApi, name: string, template: object): Promise<void> {
  const former = await ask('GET', `/_index_template/${name}`, undefined, [404]);
  await ask('PUT', `/_index_template/${name}`, template);
  const now = await ask('GET', `/_index_template/${name}`);
  const isNew = former.status === 404 || JSON.stringify(former.body) !== JSON.stringify(now.body);
  const stream = await ask('GET', `/_data_stream/${name}`, undefined, [404]);
  if (stream.status === 404) await ask('PUT', `/_data_stream/${name}`);
  else if (isNew) await ask('POST', `/${name}/_rollover`);
}

async function putOpensearchPolicy(ask: StoreApi): Promise<boolean> {
  const path = `/_plugins/_ism/policies/${LOGS}`;
  // Without the plugin there is no such address, which the store answers by 400.
  const former = await ask('GET', path, undefined, [400, 404]);
  if (former.status === 400) return false;
  const { _seq_no: number, _primary_term: term } = former.body as { _seq_no?: number; _primary_term?: number };
  const at = former.status === 404 ? '' : `?if_seq_no=${number}&if_primary_term=${term}`;
  await ask('PUT', `${path}${at}`, opensearchPolicy());
  return true;
}

async function putElasticsearchPolicy(ask: StoreApi): Promise<boolean> {
  await ask('PUT', `/_ilm/policy/${LOGS}`, elasticsearchPolicy());
  return true;
}

async function importObjects(url: string, store: Store): Promise<void> {
  const ask = storeApi(url, { [store === 'opensearch' ? 'osd-xsrf' : 'kbn-xsrf']: 'true' });
  const form = new FormData();
  form.set('file', new Blob([savedObjectsNdjson()]), 'cleaver.ndjson');
  const { body } = await ask('POST', '/api/saved_objects/_import?overwrite=true', form);
  const { success, errors } = body as { success?: boolean; errors?: unknown };
  if (success === true) return;
  throw new CleaverError(
    'LOGS_REFUSED',
    `The dashboards did not take all objects: ${JSON.stringify(errors ?? body)}.`,
    {
      hint: 'Import monitoring/generated/logs/dashboard.ndjson by hand (Management → Saved objects) to see which and why.',
    },
  );
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { store: { type: 'string' }, dashboards: { type: 'string' } } });
  try {
    const storeUrl = values.store ?? process.env['OPENSEARCH_URL'] ?? 'http://127.0.0.1:9200';
    const tell = (text: string) => void process.stderr.write(`${text}\n`);
    await installLogs({ storeUrl, dashboardsUrl: values.dashboards, tell });
  } catch (error) {
    if (!(error instanceof CleaverError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\nWhat to do: ${error.hint}\n`);
    process.exitCode = 2;
  }
}
