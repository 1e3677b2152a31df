import { type AlertCase, type Cases, series, SERVICE_A } from './alert-case.ts';

const SERVICE_B = { ...SERVICE_A, instance: 'b:8080' };
const upA = series('up', SERVICE_A);
const upB = series('up', SERVICE_B);
const SHED = series('cleaver_requests_shed_total', { ...SERVICE_A, reason: 'busy' });

/** Of the service's alerts. */
export const SERVICE_CASES: Cases = {
  ServiceDown: {
    every: '1m',
    fires: {
      series: { [upA]: '1x5 0x10 1x10' },
      at: '13m',
      over: '18m',
      told: [{ labels: SERVICE_A, summary: 'The service is down: a:8080 does not answer (up is 0)' }],
    },
    quiet: { because: 'another instance answers', series: { [upA]: '0x20', [upB]: '1x20' }, at: '15m' },
  },
  ServiceMissing: {
    every: '1m',
    fires: {
      series: { [upA]: '1x5 _x20 1x20' },
      at: '20m',
      over: '35m',
      told: [{ labels: { job: 'cleaver' }, summary: 'Prometheus knows 0 instances of the service' }],
    },
    quiet: { because: 'it is known, and merely down', series: { [upA]: '0x20' }, at: '15m' },
  },
  ServiceInstanceDown: {
    every: '1m',
    fires: {
      series: { [upA]: '1x40', [upB]: '0x20 1x20' },
      at: '16m',
      over: '23m',
      told: [
        {
          labels: SERVICE_B,
          summary: 'One instance of the service is down: b:8080 (up is 0); others answer',
        },
      ],
    },
    quiet: { because: 'the pod is replaced at a release', series: { [upA]: '1x40', [upB]: '0x5 1x40' }, at: '16m' },
  },
  ServiceFailingFast: {
    every: '1m',
    fires: {
      series: requests({ good: '0+80x60 4900+100x120', failed: '0+20x60 1200x120' }),
      at: '1h',
      over: '100m',
      told: [{ labels: {}, summary: '20% of requests for scores fail' }],
    },
    quiet: {
      because: 'it is one in five of 60 requests in an hour',
      series: requests({ good: '0+0.8x120', failed: '0+0.2x120' }),
      at: '1h',
    },
  },
  ServiceFailingSlowly: {
    every: '10m',
    fires: {
      series: requests({ good: '0+980x144 142100+1000x144', failed: '0+20x144 2880x144' }),
      at: '24h',
      over: '32h',
      told: [{ labels: {}, summary: '2% of requests for scores fail' }],
    },
    quiet: {
      because: 'so much is within the promise',
      series: requests({ good: '0+996x200', failed: '0+4x200' }),
      at: '24h',
    },
  },
  ServiceSlowFast: {
    every: '1m',
    fires: {
      series: times({ inTime: '0+70x60 4300+100x120', all: '0+100x180' }),
      at: '1h',
      over: '100m',
      told: [{ labels: {}, summary: '30% of requests for scores take longer than 0.25 s' }],
    },
    quiet: {
      because: 'it is three in ten of 60 requests in an hour',
      series: times({ inTime: '0+0.7x120', all: '0+1x120' }),
      at: '1h',
    },
  },
  ServiceSlowSlowly: {
    every: '10m',
    fires: {
      series: times({ inTime: '0+960x144 139240+1000x144', all: '0+1000x288' }),
      at: '24h',
      over: '32h',
      told: [{ labels: {}, summary: '4% of requests for scores take longer than 0.25 s' }],
    },
    quiet: {
      because: 'so much is within the promise',
      series: times({ inTime: '0+992x200', all: '0+1000x200' }),
      at: '24h',
    },
  },
  ServiceFailingRarelyAsked: {
    every: '5m',
    fires: {
      series: requests({ good: '0x40', failed: '0+1x12 12x28' }),
      at: '1h',
      over: '2h10m',
      told: [{ labels: {}, summary: '12 requests for scores failed, most of the few that there were' }],
    },
    quiet: {
      because: 'four failures may be one client',
      series: requests({ good: '0x40', failed: '0+1x4 4x28' }),
      at: '1h',
    },
  },
  ServiceShedding: {
    every: '1m',
    fires: {
      series: { ...requests({ good: '0+90x90' }), [SHED]: '0+10x30 300x60' },
      at: '25m',
      over: '45m',
      told: [{ labels: {}, summary: '10% of requests are turned away because the service is busy' }],
    },
    quiet: {
      because: 'one in a hundred comes again and is served',
      series: { ...requests({ good: '0+99x90' }), [SHED]: '0+1x90' },
      at: '25m',
    },
  },
  ServiceEventLoopLate: gauge('nodejs_eventloop_lag_p99_seconds', {
    bad: '0.3x20 0.01x20',
    good: '0.3x5 0.01x30',
    because: 'five minutes are a large batch',
    summary: 'The event loop of a:8080 is late by 300ms',
  }),
  ServiceMemoryHigh: gauge('process_resident_memory_bytes', {
    bad: '500000000x20 200000000x20',
    good: '400000000x40',
    because: 'there is room to the limit',
    summary: 'a:8080 holds 476.8MiB of memory, close to the chart’s limit',
  }),
  ServiceRestarting: {
    every: '1m',
    fires: {
      series: { [series('process_start_time_seconds', SERVICE_A)]: '0x5 300x5 600x5 900x120' },
      at: '20m',
      over: '100m',
      told: [{ labels: SERVICE_A, summary: 'a:8080 started anew 3 times within an hour' }],
    },
    quiet: {
      because: 'a release and its return are two',
      series: { [series('process_start_time_seconds', SERVICE_A)]: '0x5 300x5 600x120' },
      at: '20m',
    },
  },
  ModelLoadFailed: counter(
    { name: 'cleaver_model_load_failures_total', labels: { ...SERVICE_A, model: 'shop' } },
    {
      bad: '0x5 1x120',
      at: '30m',
      good: '7x120',
      because: 'those were long ago',
      summary: 'A version of shop did not load, 1 times within an hour',
    },
  ),
  RegistryUnreadable: counter(
    { name: 'cleaver_registry_failures_total', labels: SERVICE_A },
    {
      bad: '0+1x15 15x120',
      at: '15m',
      good: '0x10 1x120',
      because: 'once is a network disk',
      summary: 'The registry could not be read 15 times in a quarter of an hour',
    },
  ),
  PredictionsNotRecorded: counter(
    { name: 'cleaver_record_dropped_total', labels: SERVICE_A },
    {
      bad: '0x5 500x120',
      at: '1h',
      good: '500x120',
      because: 'those were long ago',
      summary: '500 predictions of the last hour were answered and not recorded',
    },
  ),
};

function requests({ good, failed }: { good: string; failed?: string }): Record<string, string> {
  const name = (status: string) =>
    series('cleaver_http_requests_total', { ...SERVICE_A, method: 'POST', route: '/predict/:model', status });
  return { [name('200')]: good, ...(failed !== undefined && { [name('500')]: failed }) };
}

function times({ inTime, all }: { inTime: string; all: string }): Record<string, string> {
  const labels = { ...SERVICE_A, method: 'POST', route: '/decide/:model' };
  return {
    [series('cleaver_http_requests_total', { ...labels, status: '200' })]: all,
    [series('cleaver_http_request_duration_seconds_bucket', { ...labels, le: '0.25' })]: inTime,
    [series('cleaver_http_request_duration_seconds_count', labels)]: all,
  };
}

interface Ups {
  bad: string;
  good: string;
  because: string;
  summary: string;
}

/** Bad for twenty minutes. */
function gauge(name: string, { bad, good, because, summary }: Ups): AlertCase {
  const of = series(name, SERVICE_A);
  return {
    every: '1m',
    fires: { series: { [of]: bad }, at: '18m', over: '25m', told: [{ labels: SERVICE_A, summary }] },
    quiet: { because, series: { [of]: good }, at: '18m' },
  };
}

/** Counts, and no longer after that. */
function counter(
  { name, labels }: { name: string; labels: Record<string, string> },
  { bad, at, good, because, summary }: Ups & { at: string },
): AlertCase {
  const of = series(name, labels);
  return {
    every: '1m',
    fires: { series: { [of]: bad }, at, over: '110m', told: [{ labels, summary }] },
    quiet: { because, series: { [of]: good }, at },
  };
}
