import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { attachmentLimitsBroken, type SlackAttachment } from './attachment-limits.ts';

/** What Slack's webhook and the listener of the heartbeat are to Alertmanager, on loopback. */
export interface LoopbackSlack {
  slackUrl: string;
  heartbeatUrl: string;
  messages: SlackAttachment[];
  /** When it was called. */
  heartbeats: number;
  /** Where a payload broke a limit; Slack would have refused it, and so does this. */
  violations: string[];
  close(): Promise<void>;
}

/** Listens on any free port. */
export async function openLoopbackSlack(): Promise<LoopbackSlack> {
  const http = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.url === '/heartbeat') {
        slack.heartbeats += 1;
        response.end();
        return;
      }
      const payload: unknown = JSON.parse(body);
      const broken = attachmentLimitsBroken(payload);
      slack.violations.push(...broken);
      if (broken.length === 0) slack.messages.push(...(payload as { attachments: SlackAttachment[] }).attachments);
      response.writeHead(broken.length === 0 ? 200 : 400, { 'content-type': 'text/html' });
      response.end(broken.length === 0 ? 'ok' : 'invalid_attachments');
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const slack: LoopbackSlack = {
    slackUrl: `${url}/services/T0/B0/secret`,
    heartbeatUrl: `${url}/heartbeat`,
    messages: [],
    heartbeats: 0,
    violations: [],
    async close() {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
  return slack;
}

/** A zone of the tz database where it is this hour now: so a test is in the night, or at noon, whenever it runs. */
export function zoneAtHour(hour: number, now = new Date()): string {
  const ahead = ((hour - now.getUTCHours() + 36) % 24) - 12;
  // The signs of these zones are POSIX', the other way round.
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}
