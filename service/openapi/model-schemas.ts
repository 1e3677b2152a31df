import type { FeatureRow } from '../../pipelines/core/features.ts';
import type { Feature } from '../../pipelines/core/manifest.ts';
import type { DocumentedModel } from './documented-models.ts';

/** From here on a number is infinite as the float32 that models take. */
const TOO_MUCH = 3.4028235677973366e38;

/** A JSON Schema, as far as it is made here. */
export interface JsonSchema {
  type?: 'string' | 'number' | 'integer' | 'object' | 'array' | 'null' | ('string' | 'number' | 'null')[];
  description?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  enum?: (string | number | null)[];
  properties?: Record<string, JsonSchema | Reference>;
  items?: JsonSchema | Reference;
  required?: string[];
  additionalProperties?: boolean;
  oneOf?: (JsonSchema | Reference)[];
  example?: unknown;
}

interface Reference {
  $ref: string;
}

/** What `/predict` takes, or `/decide`, where entities must be given. */
export type RequestKind = 'RowsRequest' | 'DecideRequest';

/** The name of a schema of one model, such as `Row_shop`. */
export function schemaName(kind: 'Row' | RequestKind, model: string): string {
  return `${kind}_${model.replaceAll(/[^\w.-]/g, '_')}`;
}

/** A row of the model: every feature by name, and nothing else. */
export function rowSchema({ features }: DocumentedModel): JsonSchema {
  const entries = Object.entries(features);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, feature]) => [name, featureSchema(feature)])),
    required: entries.map(([name]) => name),
    additionalProperties: false,
    example: exampleRow(features),
  };
}

/** What `/predict` or `/decide` takes for the model. */
export function rowsRequestSchema({ model }: DocumentedModel, kind: RequestKind): JsonSchema {
  const row = reference(schemaName('Row', model));
  const entity = reference('Entity');
  const form = (rows: string, entities: string, properties: Record<string, JsonSchema | Reference>): JsonSchema => ({
    type: 'object',
    properties,
    required: kind === 'DecideRequest' ? [rows, entities] : [rows],
    additionalProperties: false,
  });
  return {
    oneOf: [
      form('row', 'entity', { row, entity }),
      form('rows', 'entities', {
        rows: { type: 'array', items: row },
        entities: { type: 'array', items: entity, description: 'One for each row.' },
      }),
    ],
  };
}

/** Requests of one row and of several, by name, as the document shows them. */
export function exampleRequests({ features }: DocumentedModel, kind: RequestKind) {
  const row = exampleRow(features);
  const isDecision = kind === 'DecideRequest';
  return {
    one: { value: { row, ...(isDecision && { entity: 'c1' }) } },
    many: { value: { rows: [row, row], ...(isDecision && { entities: ['c1', 'c2'] }) } },
  };
}

/** The same rows as one tensor, for `infer`. */
export function exampleTensor({ features, input }: DocumentedModel): object {
  const data = Object.values(features).map((feature) => (feature.type === 'category' ? 0 : exampleNumber(feature)));
  return { inputs: [{ name: input, shape: [1, data.length], datatype: 'FP32', data }] };
}

function featureSchema(feature: Feature): JsonSchema {
  if (feature.type === 'category') {
    const { values, description } = feature;
    // A category that is called like a number may come as one.
    const numbers = values.filter((value) => String(Number(value)) === value).map(Number);
    const types: ('string' | 'number' | 'null')[] = [
      'string',
      ...(numbers.length === 0 ? [] : ['number' as const]),
      'null',
    ];
    return { type: types, enum: [...values, ...numbers, null], ...(description === undefined ? {} : { description }) };
  }
  const { range, description } = feature;
  const { min, max } = range?.outside === 'refuse' ? range : {};
  const texts = [description, rangeText(feature)].filter((text) => text !== undefined);
  return {
    type: ['number', 'null'],
    ...(min === undefined ? { exclusiveMinimum: -TOO_MUCH } : { minimum: min }),
    ...(max === undefined ? { exclusiveMaximum: TOO_MUCH } : { maximum: max }),
    ...(texts.length === 0 ? {} : { description: texts.join(' ') }),
  };
}

function rangeText({ range }: Extract<Feature, { type: 'number' }>): string | undefined {
  if (range === undefined || range.outside === 'refuse') return undefined;
  const { min = '−∞', max = '∞', outside } = range;
  return `Outside of ${min} to ${max} ${outside === 'clip' ? 'the nearer bound stands for it' : 'it counts as not known'}.`;
}

function exampleRow(features: DocumentedModel['features']): FeatureRow {
  return Object.fromEntries(
    Object.entries(features).map(([name, feature]) => [
      name,
      feature.type === 'category' ? (feature.values[0] ?? null) : exampleNumber(feature),
    ]),
  );
}

function exampleNumber({ range }: Extract<Feature, { type: 'number' }>): number {
  return Math.min(Math.max(1, range?.min ?? 1), range?.max ?? Infinity);
}

function reference(name: string): Reference {
  return { $ref: `#/components/schemas/${name}` };
}
