import { FEATURES, MODEL, type BenchModel } from './model.ts';

/** How a server is asked: rows by feature name, the Open Inference Protocol V2, or BentoML's own JSON. */
export type Protocol = 'rows' | 'v2' | 'bentoml';

type Rows = Pick<BenchModel, 'rows' | 'input' | 'rowCount'>;

/** The body that asks for the score of one row. */
export function bodyOf(protocol: Protocol, model: Rows, row: number): string {
  const values = valuesOf(model, row);
  switch (protocol) {
    case 'rows':
      return `{"row":{${FEATURES.map((name, column) => `"${name}":${values[column] ?? 0}`).join(',')}}}`;
    case 'v2':
      return `{"inputs":[{"name":"${model.input}","shape":[1,${FEATURES.length}],"datatype":"FP32","data":[${values.join(',')}]}]}`;
    case 'bentoml':
      return `{"features":[[${values.join(',')}]]}`;
  }
}

/** A V2 body of `rows` rows, from the first on and again from the start: as JSON, or with its tensor in binary. */
export function largeBody(kind: 'json' | 'binary', model: Rows, rows: number): { body: Buffer; headerBytes?: number } {
  const tensor = { name: model.input, shape: [rows, FEATURES.length], datatype: 'FP32' };
  const values = Float32Array.from(
    { length: rows * FEATURES.length },
    (_, index) => model.rows[index % model.rows.length] ?? 0,
  );
  if (kind === 'json') {
    const data = Array.from(values, decimal);
    return { body: Buffer.from(JSON.stringify({ inputs: [{ ...tensor, data }] })) };
  }
  const header = Buffer.from(
    JSON.stringify({ inputs: [{ ...tensor, parameters: { binary_data_size: values.byteLength } }] }),
  );
  return { body: Buffer.concat([header, Buffer.from(values.buffer)]), headerBytes: header.length };
}

/** The score in the answer to {@link bodyOf}; NaN where there is none, as in a refusal. */
export function scoreIn(protocol: Protocol, answer: string): number {
  const parsed = JSON.parse(answer) as {
    predictions?: { score: number }[];
    outputs?: { data: number[] }[];
  } & number[];
  switch (protocol) {
    case 'rows':
      return parsed.predictions?.[0]?.score ?? Number.NaN;
    case 'v2':
      // The first output is the score, also where prediction ids follow; of two probabilities it is the last.
      return parsed.outputs?.[0]?.data.at(-1) ?? Number.NaN;
    case 'bentoml':
      return parsed[0] ?? Number.NaN;
  }
}

/** A whole HTTP/1.1 request for a connection that stays open. */
export function requestOf(path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Buffer {
  const bytes = Buffer.from(body);
  const all = { host: '127.0.0.1', 'content-type': 'application/json', ...headers, 'content-length': bytes.length };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${head.join('')}\r\n`), bytes]);
}

/** Where our server takes each protocol. */
export const OUR_PATHS = { rows: `/predict/${MODEL}`, v2: `/v2/models/${MODEL}/infer` } as const;

function valuesOf({ rows }: Rows, row: number): number[] {
  return Array.from(rows.subarray(row * FEATURES.length, (row + 1) * FEATURES.length), decimal);
}

/** The number of four decimals that a float32 was made of; a server rounds it to the same float32. */
function decimal(value: number): number {
  return Number(value.toFixed(4));
}
