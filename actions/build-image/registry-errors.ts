import { CleaverError, messageOf } from '../../pipelines/core/errors.ts';

const HINT_UP = 'Is the registry up, and is its name right? A registry without TLS needs `plain-http: true`.';

/** What an answer of a registry means that was not asked for. */
export async function refusal(image: string, response: Response): Promise<CleaverError> {
  const { status } = response;
  const text = (await response.text()).trim();
  const said = `it answers ${status}${text === '' ? '' : `: ${essence(text)}`}`;
  // The errno of a full disk is how the registry of the CNCF tells of it.
  if (status === 507 || /no space left|"Err":28\b|quota|insufficient storage/i.test(text)) {
    return new CleaverError('IMAGE_REGISTRY_FULL', `The registry has no room for ${image}: ${said}.`, {
      hint: 'Remove old images there and let it collect its garbage, or enlarge its volume or quota; then run the job again.',
    });
  }
  if (status === 401 || status === 403) {
    return new CleaverError('IMAGE_REGISTRY_DENIED', `The registry does not let us push ${image}: ${said}.`, {
      hint: 'Give the step `username` and `password` of an account that may write there; for ghcr.io `${{ github.token }}` with `packages: write`.',
    });
  }
  if (status >= 500 || status === 429) {
    return new CleaverError('IMAGE_REGISTRY_UNREACHABLE', `The registry of ${image} is not well: ${said}.`, {
      hint: HINT_UP,
    });
  }
  return new CleaverError('IMAGE_REGISTRY_REFUSED', `The registry does not take ${image}: ${said}.`, {
    hint: 'Is `image` a name that this registry allows, and does the repository exist where it must be made first?',
  });
}

/** A registry that does not answer at all. */
export function unreachable(image: string, cause: unknown): CleaverError {
  const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  return new CleaverError('IMAGE_REGISTRY_UNREACHABLE', `The registry of ${image} does not answer: ${why(reason)}.`, {
    hint: HINT_UP,
    cause,
  });
}

/** Where a host has several addresses, the message is in the inner errors. */
function why(reason: unknown): string {
  return messageOf(reason instanceof AggregateError ? reason.errors[0] : reason);
}

/** `{"errors": [{code, message}]}` in words, else the first line. */
function essence(text: string): string {
  const [, code, message] = /"code":\s*"([^"]+)",\s*"message":\s*"([^"]*)"/.exec(text) ?? [];
  if (code !== undefined) return `${code}, ${message ?? ''}`;
  return (text.split('\n', 1)[0] ?? '').slice(0, 200);
}
