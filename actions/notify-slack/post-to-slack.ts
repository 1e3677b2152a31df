import ky, { type HTTPError, isHTTPError, isNetworkError, isTimeoutError } from 'ky';
import { CleaverError, messageOf } from '../../pipelines/core/errors.ts';

const MAX_TRIES = 5;
/** Of all the time: five tries of 10 s and pauses of 1, 2, 4 and 8 s, for 60 s. */
const TRY_SHARE = 1 / 6;
const FIRST_PAUSE_SHARE = 1 / 60;
const MAX_ANSWER_LENGTH = 200;

/** One of the ways into Slack, with what differs between them. */
export interface Door {
  url: string;
  token?: string;
  /** What Slack's answers mean for the person who set it up, and what to do where the answer is none of them. */
  hints: Readonly<Record<string, string>>;
  otherwise: string;
  /** The status that an answer stands for, where it comes with another. */
  statusOf?: (answer: string) => number | undefined;
}

/**
 * Posts JSON and gives Slack's answer. Tries five times within `totalMs`: again after a broken connection, no answer in
 * time, 5xx, and 429 when Slack says so. A message may arrive twice when an answer got lost: better than not at all.
 * Errors, none of which names the URL or the token: SLACK_UNREACHABLE, SLACK_REFUSED.
 */
export async function postToSlack(door: Door, json: object, totalMs: number): Promise<Response> {
  let tries = 1;
  let before: unknown;
  try {
    return await ky.post(door.url, {
      body: JSON.stringify(json),
      headers: {
        // Slack warns where the charset is missing.
        'content-type': 'application/json; charset=utf-8',
        ...(door.token === undefined ? {} : { authorization: `Bearer ${door.token}` }),
      },
      timeout: totalMs * TRY_SHARE,
      totalTimeout: totalMs,
      // Neither door moves; the message is for nobody else.
      redirect: 'manual',
      retry: {
        limit: MAX_TRIES - 1,
        methods: ['post'],
        statusCodes: [429, ...Array.from({ length: 100 }, (_, index) => 500 + index)],
        retryOnTimeout: true,
        delay: (attempt) => totalMs * FIRST_PAUSE_SHARE * 2 ** (attempt - 1),
        // Slack asks for more patience than there is: do not sit it out.
        shouldRetry: ({ error }) => (waitOf(error) * 1000 < totalMs ? undefined : false),
      },
      hooks: {
        beforeRetry: [
          ({ error }) => {
            tries += 1;
            before = error;
          },
        ],
        afterResponse: [({ response }) => withItsStatus(response, door)],
      },
    });
  } catch (error) {
    throw failureOf(error, before, tries, totalMs, door);
  }
}

/** Slack has said no. */
export function refusal(said: string, hint: string): CleaverError {
  return new CleaverError('SLACK_REFUSED', `Slack refused the message: ${said}.`, { hint });
}

/** So that what is tried again is decided in one place: by the status. */
async function withItsStatus(response: Response, { statusOf }: Door): Promise<Response | undefined> {
  if (!response.ok || statusOf === undefined) return undefined;
  const text = await response.text();
  const status = statusOf(text);
  return status === undefined ? undefined : new Response(text, { status, headers: response.headers });
}

/** Seconds that Slack asks to wait. */
function waitOf(error: unknown): number {
  return isHTTPError(error) ? Number(error.response.headers.get('retry-after') ?? 0) || 0 : 0;
}

/** What went wrong, in words. Errors of ky carry URL and token in message and request: neither is handed on. */
function failureOf(thrown: unknown, before: unknown, tries: number, totalMs: number, door: Door): CleaverError {
  // When the time is over, the failure before says more.
  const error = isTimeoutError(thrown) && before !== undefined ? before : thrown;
  const after = `after ${tries === 1 ? 'one try' : `${tries} tries`}`;
  const unreachable = (
    what: string,
    hint = 'See https://slack-status.com, then run the job again if you want the message.',
    cause?: unknown,
  ) => new CleaverError('SLACK_UNREACHABLE', `The message was not sent, ${after}: ${what}.`, { hint, cause });
  const wayThere = `Can the runner reach ${new URL(door.url).hostname} (network, proxy, firewall)?`;
  if (isHTTPError(error)) {
    const { status } = error.response;
    const wait = waitOf(error);
    if (status === 429)
      return unreachable(
        `Slack takes no more messages for now (429${wait > 0 ? `, wait ${wait} s` : ''})`,
        'Send fewer messages to this channel: Slack takes about one a second.',
      );
    if (status >= 500) return unreachable(`Slack has a fault of its own (${status})`);
    return refusalOf(error, status, door);
  }
  if (isTimeoutError(error))
    return unreachable(`no answer from Slack within ${Math.round(totalMs / 100) / 10} s`, wayThere);
  if (isNetworkError(error)) return unreachable('no connection to Slack', wayThere, error.cause);
  return unreachable(messageOf(error));
}

function refusalOf(error: HTTPError, status: number, { hints, otherwise }: Door): CleaverError {
  const answer = answerOf(error.data);
  const meaning =
    status >= 300 && status < 400
      ? 'The URL leads somewhere else, and the message is for nobody else: mend the URL.'
      : hints[answer];
  return refusal(`${status} ${answer}`.trim(), meaning ?? otherwise);
}

/** `invalid_payload`, or the beginning of whatever else was answered. */
function answerOf(data: unknown): string {
  return shortened(typeof data === 'string' ? data : JSON.stringify(data ?? ''));
}

/** The beginning of an answer, on one line. */
export function shortened(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_ANSWER_LENGTH);
}
