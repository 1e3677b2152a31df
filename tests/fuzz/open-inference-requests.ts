import fc from 'fast-check';
import type { ModelManifest } from '../../pipelines/core/manifest.ts';
import { splitBody } from '../../service/open-inference/infer-body.ts';
import { type RequestRows, tensorsOf } from '../../service/open-inference/model-tensors.ts';
import { rawRequest, readRows } from '../../service/open-inference/tensor-request.ts';
import { fakeVersion } from '../support/fake-registry.ts';

/** A request as it is sent: the body, and the header that says how much of it is JSON. */
export interface SentRequest {
  body: Uint8Array;
  headerLength: string | null;
}

/** An input before it is written. */
interface Tensor {
  fields: { name: string; shape: number[]; datatype: string };
  data: unknown[];
  bytes: Buffer;
  form: 'flat' | 'nested' | 'binary';
}

export const MAX_ROWS = 50;
export const CATEGORIES = ['basic', 'gold', 'größe:1'];
export const BOUNDS = { min: -10, max: 100.1 };

/** A number, a number that is clipped to a range, and a category. */
export const FEATURES: ModelManifest['features'] = {
  orders: { type: 'number' },
  age: { type: 'number', range: { ...BOUNDS, outside: 'clip' } },
  tier: { type: 'category', values: CATEGORIES },
};

const TENSORS = tensorsOf({
  version: { ...fakeVersion('shop', 'v1', 'first'), features: FEATURES },
  scorer: { input: 'features', output: 'score' },
});

/** Reads a request as the route does. */
export function readSent({ body, headerLength }: SentRequest): RequestRows {
  const { request, binary } = splitBody(body, headerLength);
  return readRows(request ?? rawRequest(binary, TENSORS), binary, TENSORS, MAX_ROWS);
}

// JSON.stringify writes −0 as 0.
const float32 = fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const form = fc.constantFrom('flat' as const, 'nested' as const, 'binary' as const);
const missing = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 5 });
const clipped = (value: number) => Math.fround(Math.min(Math.max(value, BOUNDS.min), BOUNDS.max));

/** Good requests in all forms, each with the rows that it means. */
export const goodRequests: fc.Arbitrary<SentRequest & { meant: RequestRows }> = fc
  .nat(5)
  .chain((rows) => fc.oneof(oneTensor(rows), featureInputs(rows)))
  .map(({ tensors, meant }) => ({ ...sentOf({ inputs: tensors.map(written) }, tensors), meant }));

function oneTensor(rows: number): fc.Arbitrary<{ tensors: Tensor[]; meant: RequestRows }> {
  const row = fc.tuple(missing(float32), missing(float32), missing(fc.nat(CATEGORIES.length - 1)));
  return fc.tuple(fc.array(row, { minLength: rows, maxLength: rows }), form).map(([cells, chosen]) => ({
    tensors: [
      {
        fields: { name: 'features', shape: [rows, 3], datatype: 'FP32' },
        data: chosen === 'nested' ? cells : cells.flat(),
        bytes: Buffer.from(Float32Array.from(cells.flat(), (cell) => cell ?? Number.NaN).buffer),
        form: chosen,
      },
    ],
    meant: meaning(cells),
  }));
}

type NumberKind = readonly [datatype: string, values: fc.Arbitrary<number>, bytes: (values: number[]) => ArrayBuffer];

const KINDS: readonly NumberKind[] = [
  ['FP32', float32, (values) => Float32Array.from(values).buffer],
  [
    'FP64',
    fc.double({ min: -1e38, max: 1e38, noNaN: true }).map((value) => value + 0),
    (values) => Float64Array.from(values).buffer,
  ],
  ['INT8', fc.integer({ min: -128, max: 127 }), (values) => Int8Array.from(values).buffer],
  ['UINT16', fc.integer({ min: 0, max: 65_535 }), (values) => Uint16Array.from(values).buffer],
  ['INT64', fc.maxSafeInteger(), (values) => BigInt64Array.from(values, BigInt).buffer],
];

function featureInputs(rows: number): fc.Arbitrary<{ tensors: Tensor[]; meant: RequestRows }> {
  const names = fc.array(fc.constantFrom(...CATEGORIES), { minLength: rows, maxLength: rows });
  return fc
    .tuple(
      numberInput('orders', rows),
      numberInput('age', rows),
      names,
      form,
      fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
    )
    .map(([orders, age, tiers, chosen, order]) => {
      const tier = tensorOf('tier', 'BYTES', tiers, Buffer.concat(tiers.flatMap(lengthAndText)), chosen);
      const cells = tiers.map((name, row) => [orders.values[row], age.values[row], CATEGORIES.indexOf(name)]);
      const tensors = [orders.tensor, age.tensor, tier];
      return { tensors: order.flatMap((index) => tensors[index] ?? []), meant: meaning(cells) };
    });
}

function numberInput(name: string, rows: number): fc.Arbitrary<{ tensor: Tensor; values: number[] }> {
  return fc.constantFrom(...KINDS).chain(([datatype, value, bytes]) =>
    fc.tuple(fc.array(value, { minLength: rows, maxLength: rows }), form).map(([values, chosen]) => ({
      tensor: tensorOf(name, datatype, values, Buffer.from(bytes(values)), chosen),
      values,
    })),
  );
}

function tensorOf(name: string, datatype: string, values: unknown[], bytes: Buffer, chosen: Tensor['form']): Tensor {
  const isNested = chosen === 'nested';
  const shape = isNested ? [values.length, 1] : [values.length];
  return {
    fields: { name, shape, datatype },
    data: isNested ? values.map((value) => [value]) : values,
    bytes,
    form: chosen,
  };
}

function lengthAndText(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
}

function meaning(cells: (number | null | undefined)[][]): RequestRows {
  const rows = cells.map(([orders, age, tier]) => [
    orders ?? Number.NaN,
    age === null || age === undefined ? Number.NaN : clipped(age),
    tier ?? Number.NaN,
  ]);
  return { values: Float32Array.from(rows.flat()), rows: rows.length };
}

function written({ fields, data, bytes, form: chosen }: Tensor): object {
  return chosen === 'binary' ? { ...fields, parameters: { binary_data_size: bytes.length } } : { ...fields, data };
}

function sentOf(json: object, tensors: Tensor[]): SentRequest {
  const binary = tensors.flatMap((tensor) => (tensor.form === 'binary' ? [tensor.bytes] : []));
  const head = Buffer.from(JSON.stringify(json));
  return { body: Buffer.concat([head, ...binary]), headerLength: binary.length === 0 ? null : String(head.length) };
}
