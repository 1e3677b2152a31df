import { z } from 'zod';
import { messageOf } from '../../../pipelines/core/errors.ts';
import type { Cluster } from '../cluster/kubectl.ts';
import type { Pod } from '../cluster/pods.ts';
import { parseMetrics, type Sample } from './samples.ts';

/** What each pod counts, by its uid; those that give nothing are left out. */
export type ReadMetrics = (pods: readonly Pod[]) => Promise<Map<string, Sample[]>>;

export interface MetricsOptions {
  cluster: Pick<Cluster, 'metricsPage'>;
  namespace: string;
  /** Empty where there is no Prometheus. */
  prometheusUrl: string;
  onTrouble: (text: string) => void;
}

const PATIENCE_MS = 10_000;

/** Reads from Prometheus, and from the pods themselves what it does not have, or where there is none. */
export function metricsReader({ cluster, namespace, prometheusUrl, onTrouble }: MetricsOptions): ReadMetrics {
  const fromPods: ReadMetrics = async (pods) => {
    const pages = await Promise.all(pods.map((pod) => cluster.metricsPage(pod)));
    const read = pods.map((pod, at) => [pod.metadata.uid, parseMetrics(pages[at] ?? '')] as const);
    return new Map(read.filter(([, samples]) => samples.length > 0));
  };
  if (prometheusUrl === '') return fromPods;
  return async (pods) => {
    let found = new Map<string, Sample[]>();
    try {
      found = await askPrometheus(prometheusUrl, namespace, pods);
    } catch (error) {
      onTrouble(`Prometheus does not answer, the pods are asked: ${messageOf(error)}`);
    }
    const left = pods.filter(({ metadata }) => !found.has(metadata.uid));
    return new Map([...found, ...(await fromPods(left))]);
  };
}

const answerSchema = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

async function askPrometheus(url: string, namespace: string, pods: readonly Pod[]): Promise<Map<string, Sample[]>> {
  const names = pods.map(({ metadata }) => metadata.name).join('|');
  const query = `{__name__=~"cleaver_.+|process_resident_memory_bytes",namespace="${namespace}",pod=~"${names}"}`;
  const answer = await fetch(new URL('api/v1/query', url.endsWith('/') ? url : `${url}/`), {
    method: 'POST',
    body: new URLSearchParams({ query }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const { data } = answerSchema.parse(await answer.json());
  const found = new Map<string, Sample[]>();
  for (const { metric, value } of data.result) {
    const { __name__: name = '', pod, ...labels } = metric;
    const uid = pods.find(({ metadata }) => metadata.name === pod)?.metadata.uid ?? '';
    found.set(uid, [...(found.get(uid) ?? []), { name, labels, value: Number(value[1]) }]);
  }
  return found;
}
