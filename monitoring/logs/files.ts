import { fluentBitValues } from './fluent-bit.ts';
import { logsTemplate, rejectedTemplate, type Store } from './index-template.ts';
import { ingestPipeline } from './ingest-pipeline.ts';
import { elasticsearchPolicy, opensearchPolicy } from './retention.ts';
import { rsyslogConf } from './rsyslog.ts';
import { savedObjectsNdjson } from './saved-objects.ts';

/** What is generated of the logs: the path under `monitoring/generated/`, and the text. */
export function logFiles(): Record<string, string> {
  return {
    ...storeFiles('opensearch', opensearchPolicy()),
    ...storeFiles('elasticsearch', elasticsearchPolicy()),
    'logs/dashboard.ndjson': savedObjectsNdjson(),
    'logs/fluent-bit-values.yaml': fluentBitValues(),
    'logs/rsyslog.conf': rsyslogConf(),
  };
}

function storeFiles(store: Store, policy: object): Record<string, string> {
  return {
    [`logs/${store}/ingest-pipeline.json`]: json(ingestPipeline()),
    [`logs/${store}/index-template.json`]: json(logsTemplate(store)),
    [`logs/${store}/rejected-template.json`]: json(rejectedTemplate(store)),
    [`logs/${store}/retention.json`]: json(policy),
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
