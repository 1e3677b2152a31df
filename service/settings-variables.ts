import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { hasCode } from '../pipelines/adapters/files.ts';
import { parseApiKeys } from './access/api-keys.ts';

/** What the documentation and the messages say of a variable: `HOST must <must>`. */
export type VariableMeta = Record<'about' | 'must', string> & {
  /** The default as it would be written; empty where there is none. */
  fallback: string;
};

/**
 * Every environment variable of the service. HOST and PORT have no prefix: that is how platforms name them, and
 * Kubernetes itself sets CLEAVER_PORT in the pods of a namespace that has a Service called `cleaver`.
 */
export const variables = z.object({
  HOST: variable(z.string().regex(/^\S+$/), {
    about: 'The address to listen on',
    must: 'be an address of this machine',
    fallback: '127.0.0.1',
  }),
  PORT: whole(0, 65_535, 8080, 'The port to listen on; 0 is any free one'),
  CLEAVER_METRICS_PORT: wholeNumber(0, 65_535)
    .optional()
    .meta({
      about: 'A port that answers `/metrics`, `/livez` and `/readyz` without a key; without it there is none',
      must: 'be a whole number from 0 to 65535',
      fallback: '',
    } satisfies VariableMeta),
  CLEAVER_WORKERS: whole(1, 256, 1, 'Processes that share the port, one for each core to be used'),

  CLEAVER_MAX_BODY_MB: whole(1, 1024, 16, 'MiB in a request’s body; over it 413'),
  CLEAVER_MAX_ROWS: whole(1, 10_000_000, 100_000, 'Rows in a request; over it 400'),
  CLEAVER_MAX_WAITING_ROWS: whole(1, 10_000_000, 4096, 'Rows of all requests that wait to be scored; over it 503'),
  CLEAVER_MAX_LOOP_DELAY_MS: whole(10, 60_000, 250, 'Milliseconds that the event loop is late; over it 503'),
  CLEAVER_MAX_CONNECTIONS: whole(1, 1_000_000, 4096, 'Open connections; more are closed as they come'),
  CLEAVER_REQUEST_TIMEOUT_MS: whole(10, 3_600_000, 10_000, 'Milliseconds that a request may take; over it 503'),
  CLEAVER_LINGER_MS: whole(0, 3_600_000, 0, 'Milliseconds that the server still takes requests once it is told to end'),
  CLEAVER_DRAIN_TIMEOUT_MS: whole(0, 3_600_000, 10_000, 'Milliseconds for requests that run when it takes no more'),
  CLEAVER_LARGE_ROWS: whole(1, 10_000_000, 512, 'A request of more rows is scored aside, on a thread of its own'),
  CLEAVER_LARGE_BODY_KB: whole(1, 1_048_576, 128, 'A longer body, in KiB, is read aside, on a thread of its own'),

  CLEAVER_SERVE: choice(
    ['champion', 'champion,challenger'],
    'champion',
    'Which versions are loaded; a challenger can be asked for by its version, and be a shadow or a canary',
  ),
  CLEAVER_SHADOW: share('0', 'Share of the requests that the challenger scores too, only for the record'),
  CLEAVER_CANARY: share('0', 'Share of the requests without a version that the challenger answers'),

  CLEAVER_RECORD: choice(
    ['off', 'never', 'interval', 'always'],
    'interval',
    'Whether answers are recorded, and when the record is synced to the disk; `always` before each answer',
  ),
  CLEAVER_RECORD_FEATURES: choice(
    ['values', 'hash', 'none'],
    'hash',
    'What of a row’s features is recorded; `values` may be personal data',
  ),
  CLEAVER_RECORD_FLUSH_MS: whole(1, 60_000, 100, 'Milliseconds until a recorded row is written'),
  CLEAVER_RECORD_FSYNC_MS: whole(1, 3_600_000, 1000, 'Milliseconds until it is synced, with `interval`'),
  CLEAVER_RECORD_FILE_MB: whole(1, 4096, 64, 'MiB in a file of the record before the next is begun'),
  CLEAVER_RECORD_FILE_SECONDS: whole(1, 86_400, 300, 'Seconds before the next file is begun'),
  CLEAVER_RECORD_WAITING_MB: whole(1, 4096, 16, 'MiB that wait to be written; beyond it rows are dropped and counted'),

  CLEAVER_API_KEYS_FILE: z
    .string()
    .transform(readApiKeys)
    .optional()
    .meta({
      about: 'The file of API keys; without it no key is asked for',
      must: 'name a file of API keys',
      fallback: '',
    } satisfies VariableMeta),
  CLEAVER_CORS_ORIGINS: variable(
    z
      .string()
      .transform(listOf)
      .pipe(z.array(z.string().refine(isOrigin))),
    {
      about: 'The origins whose pages may call the service from a browser',
      must: 'be exact origins with commas between them, such as https://shop.example; never *',
      fallback: '',
    },
  ),

  CLEAVER_METRICS_EXEMPLARS: choice(
    ['off', 'on'],
    'off',
    'Whether times in `/metrics` name a request by its id, which is then in the format of OpenMetrics',
  ),
  CLEAVER_LOG_LEVEL: choice(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'info', 'The least that is logged'),
  CLEAVER_LOG_REQUESTS: share('0.01', 'Share of the good requests that is logged; failed ones always are'),
});

/** What is said of a variable. */
export function metaOf(name: keyof typeof variables.shape): VariableMeta {
  return variables.shape[name].meta() as VariableMeta;
}

function variable<Schema extends z.ZodType<unknown, string>>(schema: Schema, meta: VariableMeta) {
  return schema.prefault(meta.fallback as z.input<Schema>).meta(meta);
}

function whole(least: number, most: number, fallback: number, about: string) {
  const must = `be a whole number from ${least} to ${most}`;
  return variable(wholeNumber(least, most), { about, must, fallback: String(fallback) });
}

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most));
}

function share(fallback: string, about: string) {
  const number = z
    .string()
    .regex(/^(\d+|\d*\.\d+)$/)
    .transform(Number)
    .pipe(z.number().max(1));
  return variable(number, { about, must: 'be a number from 0 to 1', fallback });
}

function choice<const Word extends string>(words: readonly Word[], fallback: Word, about: string) {
  return variable(z.enum(words), { about, must: `be ${words.join(' or ')}`, fallback });
}

/** The messages say neither the file's name nor what is in it: a key may have been put into the variable by mistake. */
function readApiKeys(file: string, context: z.RefinementCtx<string>) {
  try {
    const { keys, problems } = parseApiKeys(readFileSync(file, 'utf8'));
    for (const problem of problems) context.addIssue(problem);
    return keys;
  } catch (error) {
    const why = hasCode(error, 'ENOENT') ? 'there is none of that name' : 'it cannot be read';
    context.addIssue(why);
    return z.NEVER;
  }
}

function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '');
}

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}
