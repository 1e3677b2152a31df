import { RequestError } from '../request/request-error.ts';

const SHOWN_LETTERS = 60;

/** REQUEST_INVALID at a place of the request: `inputs[0].shape`, or the name of a header. */
export function invalid(path: string, message: string, options: { hint?: string; cause?: unknown } = {}): RequestError {
  return new RequestError('REQUEST_INVALID', `${message}.`, {
    hint: 'GET /v2/models/<model> tells what the model takes.',
    path,
    ...options,
  });
}

/** A text of the request as it may stand in a message: quoted, and not too long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}…` : text);
}
