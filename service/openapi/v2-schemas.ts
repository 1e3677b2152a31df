import { z } from 'zod';

/** The datatypes that inputs come in. */
export const DATATYPES = [
  'BOOL',
  'BYTES',
  'FP32',
  'FP64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
] as const;

const name = z.string();
const datatype = z.enum(DATATYPES);
const shape = z.array(z.int().min(0));
const binarySize = z.int().min(0).meta({ description: 'Bytes of the tensor after the JSON, in place of `data`.' });
const value = z.union([z.number(), z.string(), z.boolean(), z.null()]);

const inferInput = z
  .object({
    name: name.meta({ description: 'The one tensor of the model, or a feature.' }),
    ...{ shape, datatype },
    data: z
      .array(z.union([value, z.array(value)]))
      .nullish()
      .meta({ description: 'Row-major, flat or nested as rows; null is a missing value.' }),
    parameters: z.object({ binary_data_size: binarySize.nullish() }).nullish(),
  })
  .meta({ id: 'InferInput' });

const inferOutput = z
  .object({ name, parameters: z.object({ binary_data: z.boolean().nullish() }).nullish() })
  .meta({ id: 'InferRequestedOutput' });

/** What `infer` takes; more than the protocol names is let through. */
export const inferRequest = z
  .object({
    id: z.string().nullish().meta({ description: 'Comes back with the answer.' }),
    parameters: z
      .object({
        binary_data_output: z.boolean().nullish().meta({ description: 'The answer’s tensor comes after the JSON.' }),
        prediction_ids: z.boolean().nullish().meta({ description: 'The answer names its predictions in the record.' }),
      })
      .nullish(),
    inputs: z.array(inferInput).meta({
      description: 'One FP32 tensor `[rows, features]`, a category by its index; or one tensor `[rows]` per feature.',
    }),
    outputs: z.array(inferOutput).nullish(),
  })
  .meta({ id: 'InferRequest' });

/** What `infer` answers. */
export const inferResponse = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    parameters: z.object({ prediction_ids: z.array(z.string()) }).optional(),
    outputs: z.array(
      z.object({
        name,
        datatype: z.literal('FP32'),
        shape,
        data: z.array(z.number()).optional().meta({ description: 'One score per row.' }),
        parameters: z.object({ binary_data_size: binarySize }).optional(),
      }),
    ),
  })
  .meta({ id: 'InferResponse' });

const tensor = z
  .object({ name, datatype: z.string(), shape: z.array(z.int()).meta({ description: '-1 is any number of rows.' }) })
  .meta({ id: 'TensorMetadata' });

const featureMetadata = z
  .object({
    name,
    datatypes: z.array(datatype),
    shape: z.array(z.int()),
    type: z.enum(['number', 'category']),
    description: z.string().optional(),
    range: z
      .object({
        min: z.number().optional(),
        max: z.number().optional(),
        outside: z.enum(['refuse', 'clip', 'missing']),
      })
      .optional(),
    values: z.array(z.string()).optional().meta({ description: 'The categories, in the order of their indices.' }),
  })
  .meta({ id: 'FeatureMetadata' });

/** What a model's address answers. */
export const modelMetadata = z
  .object({
    name,
    versions: z.array(z.string()).meta({ description: 'Those that answer, the champion first.' }),
    platform: z.string(),
    inputs: z.array(tensor),
    outputs: z.array(tensor),
    parameters: z.object({
      features: z
        .array(featureMetadata)
        .meta({ description: 'The columns of the input; each can be an input of its own.' }),
    }),
  })
  .meta({ id: 'ModelMetadata' });

/** What `/v2` answers. */
export const serverMetadata = z
  .object({ name, version: z.string(), extensions: z.array(z.string()) })
  .meta({ id: 'ServerMetadata' });

/** What `/v2/health/ready` answers. */
export const serverReady = z.object({ ready: z.boolean() }).meta({ id: 'ServerReady' });

/** What a model's `ready` answers when it is. */
export const modelReady = z.object({ name, ready: z.literal(true) }).meta({ id: 'ModelReady' });

/** What a model's `ready` answers when it is not. */
export const modelNotReady = z
  .object({ name: name.optional(), ready: z.literal(false).optional(), error: z.string() })
  .meta({ id: 'ModelNotReady' });
