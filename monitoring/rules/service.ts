import { THRESHOLDS } from '../thresholds.ts';
import { type Alert, duration, type RuleGroup } from './alert.ts';
import { burnRateAlerts } from './burn-rate.ts';
import { requestRecordings, SCORING } from './requests.ts';

const ofService = { dashboard: 'cleaver-service', logs: 'service.name: cleaver' } as const;

/** Symptoms first: does it answer, in time? Then what may become one. */
export const SERVICE: RuleGroup = {
  subject: 'service',
  recordings: requestRecordings,
  alerts: (timing): Alert[] => [
    {
      ...ofService,
      name: 'ServiceDown',
      severity: 'page',
      // No instance answers; of one among several that does not, a ticket tells.
      expr: 'up{job="cleaver"} == 0 unless on (job) (up{job="cleaver"} == 1)',
      for: timing.serviceDownFor,
      summary: 'The service is down: {{ $labels.instance }} does not answer (up is {{ $value }})',
      description: 'Nobody gets a score: no instance of the service answers Prometheus.',
      runbook: {
        means: 'Prometheus reaches no instance of the service. So, most likely, does nobody else.',
        look: [
          '`kubectl -n cleaver get pods` and `describe pod`: ended by the kernel (OOMKilled), image not found, not scheduled?',
          '`kubectl -n cleaver logs deployment/cleaver --previous`: its last lines.',
          '`kubectl -n cleaver get networkpolicy`: may Prometheus reach its metrics?',
        ],
        do: [
          'It began with a release: `helm -n cleaver rollback cleaver`.',
          'The disk is full or the machine short of memory: see the alerts of the machine; free some, the pod starts by itself.',
          'Without Kubernetes: `systemctl restart cleaver` or `npx cleaver serve`.',
        ],
      },
    },
    {
      ...ofService,
      name: 'ServiceMissing',
      severity: 'page',
      expr: 'absent(up{job="cleaver"})',
      for: timing.serviceDownFor,
      summary: 'Prometheus knows {{ if eq $value 1.0 }}0{{ end }} instances of the service',
      description:
        'Either the service was removed, or Prometheus no longer finds it; then its failures would not be seen.',
      runbook: {
        means: 'There is no target of the job `cleaver`. That is no instance that is down, but none at all.',
        look: [
          'Prometheus, _Status → Target health_: is the job there, and what does its discovery find?',
          '`kubectl -n cleaver get deployment,pods --show-labels`.',
        ],
        do: [
          'The deployment is gone or has 0 replicas: `helm -n cleaver rollback cleaver`.',
          'It is there: mend labels, port name or the ServiceMonitor, whichever changed last.',
          'You do not serve: remove the job and silence this alert for ever.',
        ],
      },
    },
    {
      ...ofService,
      name: 'ServiceInstanceDown',
      severity: 'ticket',
      expr: 'up{job="cleaver"} == 0 and on (job) (up{job="cleaver"} == 1)',
      for: timing.instanceDownFor,
      summary: 'One instance of the service is down: {{ $labels.instance }} (up is {{ $value }}); others answer',
      description: 'Clients do not notice, but there is one less in reserve.',
      runbook: {
        means: 'An instance has not answered Prometheus for a while, and others do.',
        look: ['`kubectl -n cleaver describe pod POD` and its `logs --previous`.'],
        do: ['`kubectl -n cleaver delete pod POD` makes a new one. If that does not start either, read why.'],
      },
    },
    ...burnRateAlerts(timing),
    {
      ...ofService,
      name: 'ServiceFailingRarelyAsked',
      severity: 'ticket',
      expr: [
        `sum(increase(cleaver_http_requests_total{${SCORING},status=~"5.."}[${duration(timing.rareFailureWindow)}])) >= ${THRESHOLDS.rareFailures}`,
        'and cleaver:scoring_failures:ratio_rate1h ' + `> ${THRESHOLDS.rareFailureShare}`,
        `and cleaver:scoring_requests:rate1h * ${timing['1h']} < ${THRESHOLDS.minimumRequests}`,
      ].join('\n'),
      summary: '{{ $value | printf "%.0f" }} requests for scores failed, most of the few that there were',
      description: 'Too few requests to wake anybody by a share of them, but most fail.',
      runbook: {
        means: `Of fewer than ${THRESHOLDS.minimumRequests} requests, more than ${THRESHOLDS.rareFailureShare * 100} % failed. The fast alerts leave out so few.`,
        look: ['The logs of these requests: `error.code` and `error.message`.'],
        do: ['As for [ServiceFailingFast](#servicefailingfast).'],
      },
    },
    {
      ...ofService,
      name: 'ServiceShedding',
      severity: 'ticket',
      expr: shedShare(duration(timing.shedWindow)),
      for: timing.shedFor,
      summary: '{{ $value | humanizePercentage }} of requests are turned away because the service is busy',
      description: 'Clients are asked to come again. When this goes on they lose time, or requests.',
      runbook: {
        means: 'The service protects itself: too many rows wait, or its event loop is late, so it answers 503 at once.',
        look: [
          'The dashboard _Service_: requests a second, batch sizes, event-loop delay. Who sends so much?',
          'The dashboard _Home server_: who else has the processor?',
        ],
        do: ['More replicas or processors for the pod; slower clients; big batches by the delivered files instead.'],
      },
    },
    {
      ...ofService,
      name: 'ServiceEventLoopLate',
      severity: 'ticket',
      expr: `nodejs_eventloop_lag_p99_seconds{job="cleaver"} > ${THRESHOLDS.eventLoopSeconds}`,
      for: timing.eventLoopFor,
      summary: 'The event loop of {{ $labels.instance }} is late by {{ $value | humanizeDuration }}',
      description: 'Every answer waits that long. At 250 ms the service begins to turn requests away.',
      runbook: {
        means:
          'Something keeps the one thread that answers: too many requests, one huge request, or no processor time.',
        look: [
          '`process_cpu_seconds_total` of the service: at its limit it is starved, far below it something else is.',
        ],
        do: ['Raise the pod’s processor limit, add replicas, or move the training to other hours.'],
      },
    },
    {
      ...ofService,
      name: 'ServiceMemoryHigh',
      severity: 'ticket',
      expr: `process_resident_memory_bytes{job="cleaver"} > ${Math.round(THRESHOLDS.serviceMemoryBytes)}`,
      for: timing.serviceMemoryFor,
      summary: '{{ $labels.instance }} holds {{ $value | humanize1024 }}B of memory, close to the chart’s limit',
      description: 'At the limit the kernel ends it, and requests that it has are lost.',
      runbook: {
        means: 'The process comes near the limit of the chart’s default, 512Mi.',
        look: ['The dashboard _Service_: did it grow slowly (a leak) or with a model or a batch?'],
        do: [
          'A bigger model: raise `resources.limits.memory`, and `serviceMemoryBytes` in `monitoring/thresholds.ts` with it.',
          'It grows without end: restart it (`kubectl -n cleaver rollout restart deployment/cleaver`) and report a bug.',
        ],
      },
    },
    {
      ...ofService,
      name: 'ServiceRestarting',
      severity: 'ticket',
      expr: `changes(process_start_time_seconds{job="cleaver"}[${duration(timing.countWindow)}]) >= ${THRESHOLDS.restarts}`,
      summary: '{{ $labels.instance }} started anew {{ $value }} times within an hour',
      description: 'Each time some requests are lost, and its counters begin at zero.',
      runbook: {
        means: 'The process ends and is started again, over and over.',
        look: [
          '`kubectl -n cleaver describe pod POD`: _Last State_, exit code (137: out of memory; 1: a bug; 2: settings).',
        ],
        do: ['As its last lines say (`logs --previous`). Out of memory: raise the limit. After a release: roll back.'],
      },
    },
    {
      ...ofService,
      name: 'ModelLoadFailed',
      severity: 'ticket',
      expr: `increase(cleaver_model_load_failures_total[${duration(timing.countWindow)}]) > 0`,
      summary: 'A version of {{ $labels.model }} did not load, {{ $value | printf "%.0f" }} times within an hour',
      description: 'The former version goes on answering, so its scores grow old.',
      logs: 'labels.model: * and log.level: error',
      runbook: {
        means: 'The service could not load a champion or challenger that the registry names.',
        look: [
          'The logs: the code and hint say whether the file is damaged, or the model not what the service can run.',
        ],
        do: ['Train again, or go back: `npx cleaver promote --model NAME --to FORMER`.'],
      },
    },
    {
      ...ofService,
      name: 'RegistryUnreadable',
      severity: 'ticket',
      expr: `increase(cleaver_registry_failures_total[${duration(timing.registryWindow)}]) > ${THRESHOLDS.registryFailures}`,
      summary: 'The registry could not be read {{ $value | printf "%.0f" }} times in a quarter of an hour',
      description: 'The service goes on with the models that it has and learns of no new one.',
      runbook: {
        means: 'The state folder (or MLflow, where that is the registry) does not answer the service.',
        look: ['Is the volume mounted and readable for the pod’s user? Does MLflow answer?'],
        do: ['Mend the mount or its rights; the service looks again by itself.'],
      },
    },
    {
      ...ofService,
      name: 'PredictionsNotRecorded',
      severity: 'ticket',
      expr: `increase(cleaver_record_dropped_total[${duration(timing.countWindow)}]) > 0`,
      summary: '{{ $value | printf "%.0f" }} predictions of the last hour were answered and not recorded',
      description: 'Report and experiment are computed without them, and cannot get them back.',
      runbook: {
        means: 'The record’s buffer was full, or the disk did not take its lines.',
        look: ['Disk space and errors on the dashboard _Home server_; the service’s logs.'],
        do: ['Free the disk. If it is merely slow: fewer requests, or a faster volume for `CLEAVER_HOME/predictions`.'],
      },
    },
  ],
};

function shedShare(window: string): string {
  const shed = `sum(rate(cleaver_requests_shed_total[${window}]))`;
  return `${shed} / (sum(rate(cleaver_http_requests_total{${SCORING}}[${window}])) + ${shed}) > ${THRESHOLDS.shedShare}`;
}
