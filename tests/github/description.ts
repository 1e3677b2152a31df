import { readFileSync } from 'node:fs';
import path from 'node:path';
import { OpenAPIBackend, type Document, type Operation } from 'openapi-backend';

/** What GitHub publishes of its API, as far as we use it; openapi.json is made by make-openapi.ts. */
const api = new OpenAPIBackend({
  definition: withPlainNulls(
    JSON.parse(readFileSync(path.join(import.meta.dirname, 'openapi.json'), 'utf8')),
  ) as Document,
  coerceTypes: true,
  strict: true,
  // Validators are made when they are needed; all of them take over a second.
  quick: true,
  // It warns of formats that it doesn't know.
  ajvOpts: { logger: false },
});
await api.init();

export interface Described {
  operation: Operation;
  id: string;
  /** By the names in the path. */
  params: Record<string, string>;
  query: URLSearchParams;
}

export interface Asked {
  method: string;
  /** With the query. */
  path: string;
  body: unknown;
}

/** The operation that a request asks for, if GitHub has it and we know of it. */
export function findOperation({ method, path: asked }: Asked): Described | undefined {
  const { pathname, searchParams } = new URL(asked, 'http://github');
  const request = { method, path: pathname, headers: {} };
  const operation = api.matchOperation(request);
  if (operation?.operationId === undefined) return undefined;
  const params = api.router.parseRequest(request, operation).params as Record<string, string>;
  return { operation, id: operation.operationId, params, query: searchParams };
}

/** What is wrong with a request; nothing when it is as described. */
export function problemsOfRequest({ operation, query }: Described, { method, path: asked, body }: Asked): string[] {
  const request = {
    method,
    path: new URL(asked, 'http://github').pathname,
    headers: { 'content-type': 'application/json' },
    query: Object.fromEntries(query),
    body,
  };
  return problems(api.validateRequest(request, operation).errors);
}

/** What is wrong with an answer. Not every failure is described. */
export function problemsOfAnswer({ operation }: Described, status: number, body: unknown): string[] {
  if (operation.responses?.[status] === undefined) {
    return status < 400 ? [`the status ${status} is not described`] : [];
  }
  // It takes `no body` for a body that must be null.
  return problems(api.validateResponse(body ?? null, operation, status).errors);
}

/** A whole answer, made from its description. */
export function exampleOf(operationId: string, code: number): Record<string, unknown> {
  const { mock } = api.mockResponseForOperation(operationId, { code }) as { mock: unknown };
  return mock as Record<string, unknown>;
}

function problems(errors: { instancePath: string; message?: string | undefined; params: object }[] | null | undefined) {
  return (errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** The validator knows `nullable` beside `type` only. */
function withPlainNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainNulls);
  if (typeof value !== 'object' || value === null) return value;
  const mended = Object.fromEntries(Object.entries(value).map(([key, content]) => [key, withPlainNulls(content)]));
  if (mended['nullable'] !== true || 'type' in mended) return mended;
  delete mended['nullable'];
  return { anyOf: [mended, { enum: [null] }] };
}
