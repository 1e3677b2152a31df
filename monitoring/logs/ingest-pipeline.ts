import { FIELDS, MALFORMED, parentsOf, type FieldType } from './fields.ts';

/**
 * What the store does to each line before it indexes it: a field of a wrong type is moved to `cleaver.malformed` as text, so
 * that its line is indexed with all the rest. Without it the store refuses such a line, and a shipper that sends it again
 * for ever, or drops it, loses it and those beside it (fluent/fluent-bit#4386). It works for every shipper.
 */
export function ingestPipeline(): object {
  return {
    description: "Cleaver's logs: a field of a wrong type does not lose its line",
    processors: [
      // For a line without a time, or with one that is none.
      { set: { field: 'received', value: '{{{_ingest.timestamp}}}' } },
      {
        script: {
          description: 'Dotted names throughout; what does not fit the mapping becomes text',
          lang: 'painless',
          source: SCRIPT,
          params: {
            types: typesInScript(),
            parents: parentsOf(Object.keys(FIELDS)),
            malformed: MALFORMED,
            version_types: ['internal', 'external', 'external_gte'],
          },
        },
      },
    ],
    // A fault of the script's own: the line is kept as it came, for people.
    on_failure: [
      { set: { field: '_index', value: 'cleaver-logs-rejected' } },
      { set: { field: 'error_reason', value: '{{{_ingest.on_failure_message}}}' } },
      { set: { field: '@timestamp', value: '{{{_ingest.timestamp}}}' } },
    ],
  };
}

function typesInScript(): Record<string, 'date' | 'number' | 'string'> {
  const kinds = { date: 'date', long: 'number', keyword: 'string', text: 'string' } as const;
  return Object.fromEntries(Object.entries(FIELDS).map(([name, type]: [string, FieldType]) => [name, kinds[type]]));
}

// A number as text is no fault where it reads as one; a number where a text is due always does.
const SCRIPT = `
void flatten(Map into, String prefix, Map from) {
  for (def entry : from.entrySet()) {
    String name = prefix + entry.getKey();
    def value = entry.getValue();
    if (value instanceof Map && !value.isEmpty()) { flatten(into, name + '.', value); }
    else { into[name] = value; }
  }
}
boolean fits(String type, def value) {
  if (type == 'string') { return value instanceof String || value instanceof Number || value instanceof Boolean; }
  if (type == 'number') {
    if (value instanceof Number) { return true; }
    return value instanceof String && value ==~ /-?[0-9]{1,18}/;
  }
  if (!(value instanceof String)) { return false; }
  try { ZonedDateTime.parse(value); return true; } catch (Exception e) { return false; }
}
Map line = [:];
Map from = [:];
for (def name : new ArrayList(ctx.keySet())) {
  // The store's own; a line that has a field of such a name would make it refuse the whole bulk.
  boolean isOwn = name == '_index' || name == '_id' || name == '_ingest' || name == '_type'
    || (name == '_version' && ctx[name] instanceof Number)
    || (name == '_version_type' && params.version_types.contains(ctx[name]));
  if (!isOwn) { from[name] = ctx[name]; ctx.remove(name); }
}
flatten(line, '', from);
// A line that was no JSON, as Fluent Bit sends it.
if (line.message == null && line.log instanceof String) { line.message = line.log; line.remove('log'); }
List wrong = [];
for (def name : new ArrayList(line.keySet())) {
  def value = line[name];
  if (value == null) { continue; }
  boolean isWrong = name.startsWith('_') || params.parents.contains(name)
    || (params.types.containsKey(name) && !fits(params.types[name], value));
  if (!isWrong) {
    // A name below a field that has a value: log.level.x.
    String above = name;
    while (above.lastIndexOf('.') > 0) {
      above = above.substring(0, above.lastIndexOf('.'));
      if (params.types.containsKey(above)) { isWrong = true; }
    }
  }
  if (isWrong) { wrong.add(name + '=' + value.toString()); line.remove(name); }
}
if (line['@timestamp'] == null) { line['@timestamp'] = line.received; }
line.remove('received');
if (!wrong.isEmpty()) { line[params.malformed] = String.join('; ', wrong); }
for (def entry : line.entrySet()) { ctx[entry.getKey()] = entry.getValue(); }
`.trim();
