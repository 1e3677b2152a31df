/** What a field of a line may be. Numbers are whole: ECS has no others among these. */
export type FieldType = 'date' | 'keyword' | 'long' | 'text';

/**
 * Every field that the service and the pipeline write (service/log/request-log.ts, pipelines/adapters/pipeline-log.ts), by
 * its name in the Elastic Common Schema; what ECS has no name for is under `labels` and `cleaver`. Others are kept in the
 * line and not indexed.
 */
export const FIELDS: Readonly<Record<string, FieldType>> = {
  '@timestamp': 'date',
  message: 'text',
  'ecs.version': 'keyword',
  'log.level': 'keyword',
  'service.name': 'keyword',
  'service.version': 'keyword',
  'process.pid': 'long',
  'event.action': 'keyword',
  'event.dataset': 'keyword',
  'event.outcome': 'keyword',
  // Nanoseconds.
  'event.duration': 'long',
  'http.request.method': 'keyword',
  'http.response.status_code': 'long',
  // The route's pattern, not the address.
  'url.path': 'keyword',
  // The id of a request, or of a command.
  'trace.id': 'keyword',
  'labels.model': 'keyword',
  'labels.version': 'keyword',
  'labels.step': 'keyword',
  'labels.run_id': 'keyword',
  'labels.as_of': 'keyword',
  'labels.workflow_run': 'keyword',
  'cleaver.outcome': 'keyword',
  'error.code': 'keyword',
  'error.type': 'keyword',
  'error.message': 'text',
  'error.stack_trace': 'text',
};

/** The store's own note of fields whose type was wrong, with their values as text. */
export const MALFORMED = 'cleaver.malformed';

/** Fields that hold others: `error` is none that has a value of its own. */
export function parentsOf(names: readonly string[]): string[] {
  const parents = names.flatMap((name) =>
    name
      .split('.')
      .slice(0, -1)
      .map((_, index, parts) => parts.slice(0, index + 1).join('.')),
  );
  return [...new Set(parents)].sort();
}
