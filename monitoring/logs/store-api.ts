import { CleaverError, messageOf } from '../../pipelines/core/errors.ts';

export interface StoreAnswer {
  status: number;
  body: unknown;
}

/** Asks the store, or its dashboards; statuses in `allowed` are answers and no errors. */
export type StoreApi = (
  method: 'GET' | 'PUT' | 'POST',
  path: string,
  content?: object,
  allowed?: readonly number[],
) => Promise<StoreAnswer>;

const TIMEOUT_MS = 30_000;

/** An API at a URL, in which user and password may stand. Errors: OPTION_INVALID, LOGS_UNREACHABLE, LOGS_REFUSED. */
export function storeApi(url: string, headers: Record<string, string> = {}): StoreApi {
  const base = parse(url);
  const { username, password } = base;
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  base.username = base.password = '';
  const place = base.href.replace(/\/$/, '');
  const all = { ...headers, ...(username !== '' && { authorization: `Basic ${credentials}` }) };
  return async (method, path, content, allowed = []) => {
    const isForm = content instanceof FormData;
    const type = content === undefined || isForm ? {} : { 'content-type': 'application/json' };
    const body = content === undefined || isForm ? content : JSON.stringify(content);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const request = { method, headers: { ...all, ...type }, signal, ...(body !== undefined && { body }) };
    const response = await fetch(`${place}${path}`, request).catch((error: unknown) => {
      throw unreachable(place, error);
    });
    const text = await response.text();
    const answer = { status: response.status, body: parsed(text) };
    if (response.ok || allowed.includes(response.status)) return answer;
    throw refused(`${method} ${place}${path}`, response.status, text);
  };
}

function parse(url: string): URL {
  if (!URL.canParse(url)) {
    throw new CleaverError('OPTION_INVALID', `${JSON.stringify(url)} is no address of a store or of its dashboards.`, {
      hint: 'Give it with its scheme, such as http://127.0.0.1:9200.',
    });
  }
  return new URL(url);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function unreachable(place: string, cause: unknown): CleaverError {
  const why = cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause);
  return new CleaverError('LOGS_UNREACHABLE', `${place} does not answer: ${why}.`, {
    hint: 'See whether it runs and whether the address is right; then run this again: what was put before stays.',
    cause,
  });
}

function refused(request: string, status: number, text: string): CleaverError {
  const isForbidden = status === 401 || status === 403;
  return new CleaverError('LOGS_REFUSED', `${request} was answered by ${status}: ${text.slice(0, 500)}`, {
    hint: isForbidden
      ? 'Put user and password into the address: https://USER:PASSWORD@HOST:9200.'
      : 'See what the answer says; Cleaver knows OpenSearch 2 and 3 and Elasticsearch 8.',
  });
}
