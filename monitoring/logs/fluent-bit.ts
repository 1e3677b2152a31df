import { stringify } from 'yaml';
import { LOGS } from './index-template.ts';

const HEAD = `# Written by \`npm run monitoring\` from monitoring/logs/fluent-bit.ts: values for the chart fluent/fluent-bit.
# Not run in CI, where Fluent Bit cannot be had. Tested is that the store takes lines in the form that it sends.
`;

/** Values for the official chart fluent/fluent-bit: what the pods write and the pipeline's file, to one store. */
export function fluentBitValues(): string {
  return `${HEAD}${stringify(values(), { lineWidth: 0 })}`;
}

function values(): object {
  return {
    // The one switch: opensearch or elasticsearch.
    logStore: 'opensearch',
    logHost: 'opensearch-cluster-master',
    kind: 'DaemonSet',
    resources: { requests: { cpu: '20m', memory: '48Mi' }, limits: { memory: '128Mi' } },
    extraVolumes: [
      // What waits, and how far it has read: on the node, so that a new pod goes on.
      { name: 'buffer', hostPath: { path: '/var/lib/fluent-bit', type: 'DirectoryOrCreate' } },
      { name: 'state', hostPath: { path: '/var/lib/cleaver/logs', type: 'DirectoryOrCreate' } },
    ],
    extraVolumeMounts: [
      { name: 'buffer', mountPath: '/var/lib/fluent-bit' },
      { name: 'state', mountPath: '/var/lib/cleaver/logs', readOnly: true },
    ],
    config: {
      service: section('SERVICE', {
        Flush: 1,
        Log_Level: 'info',
        Parsers_File: ['/fluent-bit/etc/parsers.conf', '/fluent-bit/etc/conf/custom_parsers.conf'],
        HTTP_Server: 'On',
        HTTP_Listen: '0.0.0.0',
        HTTP_Port: 2020,
        Health_Check: 'On',
        'storage.path': '/var/lib/fluent-bit/buffer',
        'storage.sync': 'normal',
        'storage.checksum': 'On',
        'storage.backlog.mem_limit': '16M',
        'storage.metrics': 'On',
      }),
      inputs: [
        tail('service', '/var/log/containers/*_cleaver-*.log', { 'multiline.parser': 'docker, cri' }),
        tail('pipeline', '/var/lib/cleaver/logs/pipeline.log', { Key: 'log', Rotate_Wait: 30 }),
      ].join('\n'),
      filters: section('FILTER', {
        Name: 'parser',
        Match: 'cleaver.*',
        Key_Name: 'log',
        Parser: 'cleaver_json',
        // What is no JSON stays what it is, under the key log.
        Reserve_Data: 'Off',
        Preserve_Key: 'Off',
      }),
      outputs: section('OUTPUT', output()),
      // The time stays in its field too: the store reads it from there.
      customParsers: section('PARSER', {
        Name: 'cleaver_json',
        Format: 'json',
        Time_Key: '@timestamp',
        Time_Format: '%Y-%m-%dT%H:%M:%S.%LZ',
        Time_Keep: 'On',
      }),
    },
  };
}

function tail(tag: string, path: string, more: Options): string {
  return section('INPUT', {
    Name: 'tail',
    Tag: `cleaver.${tag}`,
    Path: path,
    ...more,
    DB: `/var/lib/fluent-bit/${tag}.db`,
    // Without it a new pod would not read what was written before it.
    Read_from_Head: 'On',
    // The filter on long stacks: longer lines are cut by nothing, and skipped with a message.
    Buffer_Max_Size: '1M',
    Skip_Long_Lines: 'On',
    Refresh_Interval: 5,
    'storage.type': 'filesystem',
  });
}

function output(): Options {
  return {
    // The two outputs take the same options; the chart fills in values that stand in its configuration.
    Name: '{{ eq .Values.logStore "elasticsearch" | ternary "es" "opensearch" }}',
    Match: 'cleaver.*',
    Host: '{{ .Values.logHost }}',
    Port: 9200,
    Index: LOGS,
    // A data stream only lets lines be added; the id is made of the line, so that what is sent twice is there once.
    Write_Operation: 'create',
    Generate_ID: 'On',
    // Types are gone from both stores, and a bulk that names one is refused.
    Suppress_Type_Name: 'On',
    Logstash_Format: 'Off',
    // Our names have dots and are to keep them: ECS, and the store's pipeline, read them so.
    Replace_Dots: 'Off',
    // The line's own time stays; this would be a second one.
    Time_Key: '@fluent-bit-time',
    Retry_Limit: 'no_limits',
    // Says which lines of a bulk the store refused, and why.
    Trace_Error: 'On',
    Buffer_Size: '1M',
    'storage.total_limit_size': '1G',
  };
}

type Options = Record<string, string | number | string[]>;

function section(name: string, options: Options): string {
  const lines = Object.entries(options).flatMap(([key, value]) => [value].flat().map((one) => `    ${key} ${one}`));
  return `[${name}]\n${lines.join('\n')}\n`;
}
