/**
 * The `reasons` in an answer of /readyz, from the log of kubectl: the API server's proxy gives no body with a 503, but kubectl
 * writes it down at `-v=9` (quoted since 1.32). Empty where there are none.
 */
export function readinessReasons(log: string): string {
  const plainQuotes = log.replaceAll(/\\(["\\])/g, '$1');
  const list = /"reasons":\[((?:"(?:[^"\\]|\\.)*",?)*)\]/.exec(plainQuotes)?.[1] ?? '';
  return [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, reason]) => reason).join('; ');
}
