import { z } from 'zod';
import type { ChartValue } from './values-comments.ts';
import { chartValues } from './values-schema.ts';

/** What of a JSON schema is looked at here. */
export interface Schema {
  type?: string;
  description?: string;
  enum?: string[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
}

/** values.schema.json: the shapes of values-schema.ts, the words of values.yaml. Draft 7, which every Helm from 3 on reads. */
export function schemaOf(values: readonly ChartValue[]): Schema {
  const schema = z.toJSONSchema(chartValues, { target: 'draft-7', io: 'input' }) as Schema;
  for (const { path, about } of values) schemaAt(schema, path).description = about;
  // Helm itself hands it to a chart that is part of another.
  schema.properties = { ...schema.properties, global: { type: 'object' } };
  return schema;
}

/** The schema of one value; an empty one where the schema knows it not. */
export function schemaAt(schema: Schema, path: readonly string[]): Schema {
  return path.reduce<Schema>((within, name) => within.properties?.[name] ?? {}, schema);
}
