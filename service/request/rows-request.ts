import { z } from 'zod';
import type { FeatureRow } from '../../pipelines/core/features.ts';
import { refuseDuplicateKeys } from './duplicate-keys.ts';
import { checkRowCount, readRows } from './feature-rows.ts';
import type { LoadedModel } from '../models/loaded-model.ts';
import { parseBody } from './request-body.ts';
import { RequestError } from './request-error.ts';

const EXAMPLE = '{"rows": [{"feature": 1}]}';

// Unknown as it comes out: the reader of the model's features looks at each value, once.
const row = z.unknown().meta({
  type: 'object',
  description: 'Every feature of the model by name; null where a value is not known.',
  additionalProperties: { type: ['number', 'string', 'null'] },
  example: { orders_28d: 3, last_channel: 'app' },
}) as z.ZodType<unknown, FeatureRow>;
const entity = z.union([z.string().min(1).max(256), z.int()]).meta({
  id: 'Entity',
  description: 'Whom the row is about, by the id that the mart knows; its arm is drawn from it.',
});

/** What `/predict` and `/decide` take: one row or many, with or without the entities that they are about. */
export const rowsRequest = z
  .strictObject({
    row: row.optional(),
    rows: z.array(row).optional(),
    entity: entity.optional(),
    entities: z.array(entity).optional(),
  })
  .refine((body) => (body.rows === undefined) !== (body.row === undefined), 'give either "rows" or "row"')
  .meta({
    id: 'RowsRequest',
    oneOf: [
      { required: ['row'], not: { required: ['entities'] } },
      { required: ['rows'], not: { required: ['entity'] } },
    ],
  });

/** The rows of a request as the model takes them. */
export interface RequestedRows {
  count: number;
  /** Row-major float32, rows × features. */
  features: Float32Array;
  /** One for each row, where they are given. */
  entities?: string[] | undefined;
}

/**
 * Reads the JSON of a request for one model. Errors: REQUEST_INVALID, FEATURE_MISSING, FEATURE_UNKNOWN,
 * FEATURE_OUT_OF_RANGE; each with its path.
 */
export function parseRows(text: string): z.output<typeof rowsRequest> {
  return parseBody(text, rowsRequest, EXAMPLE);
}

/** Holds parsed rows against a loaded model. Errors as {@link parseRows}. */
export function rowsFor(
  loaded: Pick<LoadedModel, 'reader'>,
  body: z.output<typeof rowsRequest>,
  text: string,
  limit: number,
): RequestedRows {
  const rows = body.rows ?? [body.row];
  checkRowCount(rows.length, limit, 'rows');
  const features = readRows(loaded.reader, rows, body.rows === undefined ? () => 'row' : (index) => `rows[${index}]`);
  refuseDuplicateKeys(text, Object.keys(body).length + rows.length * loaded.reader.columns);
  return { count: rows.length, features, entities: entitiesOf(body, rows.length) };
}

function entitiesOf(body: z.output<typeof rowsRequest>, rows: number): string[] | undefined {
  const wanted = body.rows === undefined ? 'entity' : 'entities';
  const other = wanted === 'entity' ? 'entities' : 'entity';
  if (body[other] !== undefined)
    throw wrongEntities(`${other} does not go with ${wanted === 'entity' ? 'row' : 'rows'}`, other);
  const given = wanted === 'entity' ? body.entity : body.entities;
  if (given === undefined) return undefined;
  const entities = Array.isArray(given) ? given.map(String) : [String(given)];
  if (entities.length !== rows) throw wrongEntities(`There are ${entities.length} entities for ${rows} rows`, wanted);
  return entities;
}

function wrongEntities(what: string, path: string): RequestError {
  return new RequestError('REQUEST_INVALID', `${what}.`, {
    hint: 'Give "entity" beside "row", or "entities" beside "rows", one for each.',
    path,
  });
}
