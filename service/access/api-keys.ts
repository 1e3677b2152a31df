import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import type { ErrorCode } from '../../pipelines/core/errors.ts';
import { RequestError } from '../request/request-error.ts';

/** What a key may be for: scores and decisions, telling what came true, the manager's page, /metrics. */
export const SCOPES = ['predict', 'outcomes', 'admin', 'metrics'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who may do what. The key itself is known to nobody but its owner. */
export interface ApiKey {
  name: string;
  scopes: readonly Scope[];
  /**
   * SHA-256 of the key. A key is 256 random bits, which nobody can guess their way through, so a plain and quick hash
   * is right; slow ones (scrypt, argon2) are for passwords that people choose.
   */
  hash: Buffer;
}

/** Key names: in the file, in the answer of the verb `key`, never more than a word. */
export const KEY_NAME = /^[\w.-]{1,64}$/;

/** The scopes in a list such as `predict,outcomes`; `*` is all of them. Undefined when one is unknown or none is there. */
export function parseScopes(list: string): Scope[] | undefined {
  if (list === '*') return [...SCOPES];
  const names = list.split(',');
  const known = SCOPES.filter((scope) => names.includes(scope));
  return names.every((name) => (known as string[]).includes(name)) ? known : undefined;
}

/** A new random key, and the line for the file of keys that lets it in. */
export function makeApiKey(name: string, scopes: readonly Scope[]): { key: string; line: string } {
  const key = `cleaver_${randomBytes(32).toString('base64url')}`;
  return { key, line: `${name} ${scopes.join(',')} ${sha256(key).toString('hex')}` };
}

/**
 * The keys in a file's text: a line `name scopes sha256hex` for each, `#` begins a comment. Problems name the line but
 * not what is in it, which may be a key that was put there by mistake.
 */
export function parseApiKeys(text: string): { keys: ApiKey[]; problems: string[] } {
  const keys: ApiKey[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [content = ''] = line.split('#', 1);
    if (content.trim() === '') continue;
    const parsed = parseLine(content.trim().split(/\s+/));
    if (typeof parsed === 'string') problems.push(`line ${index + 1} ${parsed}`);
    else if (keys.some(({ name }) => name === parsed.name)) problems.push(`line ${index + 1} has a name that is taken`);
    else keys.push(parsed);
  }
  if (keys.length === 0 && problems.length === 0) problems.push('there is no key in it');
  return { keys, problems };
}

function parseLine([name = '', list = '', hex = '', ...more]: string[]): ApiKey | string {
  if (hex === '' || more.length > 0) return 'is not `name scopes sha256`';
  if (!KEY_NAME.test(name)) return 'has a name that is not 1 to 64 letters, digits, dots and dashes';
  const scopes = parseScopes(list);
  if (scopes === undefined) return `has other scopes than ${SCOPES.join(', ')} or *`;
  if (!/^[0-9a-f]{64}$/i.test(hex)) return 'has no SHA-256 in hex at its end';
  return { name, scopes, hash: Buffer.from(hex, 'hex') };
}

/**
 * Lets a request through that brings a key with the scope, as `Authorization: Bearer …` or `X-API-Key`; without keys
 * everybody. Errors: API_KEY_MISSING, API_KEY_UNKNOWN (401), API_KEY_FORBIDDEN (403), with `WWW-Authenticate`.
 */
export function requireScope(keys: readonly ApiKey[] | undefined, scope: Scope): MiddlewareHandler {
  if (keys === undefined) return (_context, next) => next();
  return (context, next) => {
    const presented = presentedKey((name) => context.req.header(name));
    if (presented === undefined) throw refusal(context, 'API_KEY_MISSING', '');
    const key = findKey(keys, presented);
    if (key === undefined) throw refusal(context, 'API_KEY_UNKNOWN', ', error="invalid_token"');
    if (!key.scopes.includes(scope)) {
      throw refusal(context, 'API_KEY_FORBIDDEN', `, error="insufficient_scope", scope="${scope}"`);
    }
    return next();
  };
}

/** Whether headers bring a key with the scope; without keys all do. */
export function hasScope(keys: readonly ApiKey[] | undefined, scope: Scope, headers: IncomingHttpHeaders): boolean {
  if (keys === undefined) return true;
  const presented = presentedKey((name) => headers[name]?.toString());
  return presented !== undefined && findKey(keys, presented)?.scopes.includes(scope) === true;
}

function presentedKey(header: (name: string) => string | undefined): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(header('authorization') ?? '');
  return bearer?.[1] ?? header('x-api-key');
}

/** Compares with every key, and each in constant time: how long it takes tells nothing about which was near. */
function findKey(keys: readonly ApiKey[], presented: string): ApiKey | undefined {
  const presentedHash = sha256(presented);
  let found: ApiKey | undefined;
  for (const key of keys) if (timingSafeEqual(key.hash, presentedHash)) found = key;
  return found;
}

type Refusal = Extract<ErrorCode, `API_KEY_${string}`>;

const REFUSALS: Record<Refusal, { message: string; hint: string }> = {
  API_KEY_MISSING: {
    message: 'This address asks for an API key.',
    hint: 'Send it as `Authorization: Bearer …` or `X-API-Key`.',
  },
  API_KEY_UNKNOWN: {
    message: 'The service does not know this API key.',
    hint: 'Look for a lost or doubled letter. Whoever runs the service makes a new one: npx cleaver key NAME --scopes …',
  },
  API_KEY_FORBIDDEN: {
    message: 'This API key is not for this address.',
    hint: 'Ask whoever runs the service for a key with the scope that `WWW-Authenticate` names.',
  },
};

function refusal(context: Context, code: Refusal, challenge: string): RequestError {
  // RFC 6750, section 3. It stays on the answer that the error is turned into.
  context.header('WWW-Authenticate', `Bearer realm="cleaver"${challenge}`);
  const { message, hint } = REFUSALS[code];
  return new RequestError(code, message, { hint });
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
