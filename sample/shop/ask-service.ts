/** What the service says to `POST /predict/<model>`. */
export interface Predictions {
  version: string;
  predictions: { score: number }[];
}

/** Sends something by HTTP, as `fetch` does. */
export type Send = (url: string, request: RequestInit) => Promise<Response>;

/** Asks the service for the scores of rows, or of one row. Throws what it answers instead, and what keeps it from answering. */
export async function askService(
  url: string,
  body: { rows: readonly unknown[] } | { row: unknown },
  send: Send = fetch,
): Promise<Predictions> {
  const headers = { 'content-type': 'application/json' };
  const response = await send(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`The service answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Predictions;
}
