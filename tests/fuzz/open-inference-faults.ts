import fc from 'fast-check';
import { ERROR_CODES } from '../../pipelines/core/errors.ts';
import { RequestError } from '../../service/request/request-error.ts';
import { BOUNDS, CATEGORIES, goodRequests, MAX_ROWS, readSent, type SentRequest } from './open-inference-requests.ts';

type Fault = (sent: SentRequest) => SentRequest;

/** Requests that were good before something in their JSON, their bytes or their header was changed. */
export const brokenRequests: fc.Arbitrary<SentRequest> = fc
  .tuple(
    goodRequests,
    fc.array(
      fc.nat().chain((seed) => fc.constantFrom(...faults(seed))),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([good, chosen]) => chosen.reduce<SentRequest>((sent, fault) => fault(sent), good));

/** Whether a request is refused as one that its sender can mend, with its place, or gives rows that a model may be given. */
export function isReadOrRefused(request: SentRequest): boolean {
  let read;
  try {
    read = readSent(request);
  } catch (error) {
    return error instanceof RequestError && ERROR_CODES[error.code].status < 500 && error.path !== undefined;
  }
  const { values, rows } = read;
  return values.length === rows * 3 && rows <= MAX_ROWS && values.every((value, at) => isAllowed(value, at % 3));
}

function isAllowed(value: number, column: number): boolean {
  if (Number.isNaN(value)) return true;
  if (column === 0) return Number.isFinite(value);
  if (column === 1) return value >= BOUNDS.min && value <= Math.fround(BOUNDS.max);
  return Number.isInteger(value) && value >= 0 && value < CATEGORIES.length;
}

// What has been known to upset readers of JSON, besides whatever the generator thinks of.
const NASTY: readonly unknown[] = [
  null,
  -1,
  0.5,
  2 ** 53,
  1e308,
  4_294_967_296,
  '',
  '__proto__',
  'constructor',
  '\ud800',
  [],
  {},
  [[[[1]]]],
  nested(1000),
  [1e39, -1e39],
  ['gold', null, 7],
  true,
  { binary_data_size: 1e15 },
  { __proto__: null, toString: 1 },
];

/** One of each kind; `seed` says where they strike. */
function faults(seed: number): Fault[] {
  return [
    onJson((json) => replace(json, seed, NASTY[seed % NASTY.length])),
    onJson((json) => replace(json, seed, undefined)),
    onJson((json) => rename(json, seed, seed % 2 === 0 ? '__proto__' : 'name')),
    onJson((json) => ({ ...json, inputs: [...listOf(json['inputs']), ...listOf(json['inputs'])] })),
    onText((text) => text.replace('"name"', '"name":"other","name"')),
    onText((text) => text.replace(/\d+/, '1e999')),
    onText((text) => text.replace('"inputs":', `"deep":${'['.repeat(50_000)}${']'.repeat(50_000)},"inputs":`)),
    (sent) => ({ ...sent, body: flipped(sent.body, seed) }),
    (sent) => ({ ...sent, body: sent.body.subarray(0, seed % (sent.body.length + 1)) }),
    (sent) => ({ ...sent, body: Buffer.concat([sent.body, Buffer.alloc((seed % 9) + 1, seed % 256)]) }),
    (sent) => ({ ...sent, headerLength: HEADERS[seed % HEADERS.length] ?? String(seed % 400) }),
  ];
}

const HEADERS = [undefined, null, '0', '-1', '1.5', 'x', '', '1e3', '9'.repeat(15), '9'.repeat(400), ' 12'] as const;

function onText(change: (text: string) => string): Fault {
  return ({ body, headerLength }) => {
    const length = headerLength === null ? body.length : Math.min(Number(headerLength) || 0, body.length);
    const text = Buffer.from(change(Buffer.from(body.subarray(0, length)).toString()));
    const changed = Buffer.concat([text, body.subarray(length)]);
    return { body: changed, headerLength: headerLength === null ? null : String(text.length) };
  };
}

/** A change of the JSON, as long as it is still JSON. */
function onJson(change: (json: Record<string, unknown>) => unknown): Fault {
  return onText((text) => {
    try {
      return JSON.stringify(change(JSON.parse(text) as Record<string, unknown>));
    } catch {
      return text;
    }
  });
}

function replace(json: Record<string, unknown>, seed: number, value: unknown): unknown {
  const [holder, key] = placeAt(json, seed);
  holder[key] = value;
  return json;
}

function rename(json: Record<string, unknown>, seed: number, name: string): unknown {
  const [holder, key] = placeAt(json, seed);
  Object.defineProperty(holder, name, { value: holder[key], enumerable: true, configurable: true, writable: true });
  return json;
}

/** One of the values in the JSON, by who holds it and under which key. */
function placeAt(json: Record<string, unknown>, seed: number): [Record<string, unknown>, string] {
  const places: [Record<string, unknown>, string][] = [];
  const waiting: unknown[] = [json];
  for (let holder = waiting.pop(); holder !== undefined && places.length < 1000; holder = waiting.pop()) {
    if (typeof holder !== 'object' || holder === null) continue;
    for (const [key, value] of Object.entries(holder)) {
      places.push([holder as Record<string, unknown>, key]);
      waiting.push(value);
    }
  }
  return places[seed % places.length] ?? [json, 'inputs'];
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function flipped(body: Uint8Array, seed: number): Uint8Array {
  const copy = Uint8Array.from(body);
  const at = seed % Math.max(body.length, 1);
  if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << (seed % 8));
  return copy;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}
