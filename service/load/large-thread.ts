import { parentPort, workerData } from 'node:worker_threads';
import { homeAt } from '../../pipelines/adapters/home.ts';
import { giveWay } from './large-priority.ts';
import type { FromThread, LargeThreadData, ToThread } from './large-requests.ts';
import { personLog } from '../log/person-log.ts';
import { openService } from '../service.ts';

/** Answers large requests in a thread, by a service over the same state folder that does not listen. */
async function answerLargeRequests(port: NonNullable<typeof parentPort>, data: LargeThreadData): Promise<void> {
  const say = (message: FromThread, moved: ArrayBuffer[] = []) => {
    port.postMessage(message, moved);
  };
  giveWay((line) => {
    say({ kind: 'line', line });
  });
  const service = await openService({
    home: homeAt(data.homeRoot),
    settings: data.settings,
    ofThread: true,
    log: personLog((line) => {
      say({ kind: 'line', line });
    }),
  });
  await service.models.refresh();
  const answer = async ({ number, method, url, headers, body, until }: ToThread & { kind: 'request' }) => {
    const request = new Request(url, { method, headers, body });
    const response = await service.app.fetch(request, { until });
    const bytes = new Uint8Array(await response.arrayBuffer());
    say({ kind: 'answer', number, status: response.status, headers: [...response.headers], body: bytes }, [
      bytes.buffer,
    ]);
  };
  let last = Promise.resolve();
  port.on('message', (message: ToThread) => {
    // One after the other: two at once would only be in each other's way.
    if (message.kind === 'request') last = last.then(() => answer(message));
    else if (message.kind === 'metrics') {
      void service.metrics.values().then((values) => {
        say({ kind: 'metrics', number: message.number, values });
      });
    } else {
      void last
        .then(() => service.close())
        .then(() => {
          port.close();
        });
    }
  });
}

if (parentPort) await answerLargeRequests(parentPort, workerData as LargeThreadData);
