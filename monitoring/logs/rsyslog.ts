import { LOGS, REJECTED } from './index-template.ts';

export interface RsyslogPlaces {
  /** A host, or an address with scheme and port. */
  server: string;
  /** Where rsyslog keeps how far it has read, and what waits while the store is down. */
  workFolder: string;
  /** Files of JSON lines; with `*`, and those of Kubernetes with their prefix too. */
  files: readonly string[];
}

const PLACES: RsyslogPlaces = {
  server: 'http://127.0.0.1:9200',
  workFolder: '/var/spool/rsyslog',
  files: [
    // The pipeline's, in the state folder.
    '/var/lib/cleaver/logs/pipeline.log',
    // The service's stderr, where systemd runs it with StandardError=append:….
    '/var/log/cleaver/service.log',
    // The service's stderr, where k3s runs it: pod_namespace_container-id.
    '/var/log/containers/*_cleaver-*.log',
  ],
};

/**
 * A configuration file for rsyslog 8.2302 or later with its module omelasticsearch (Debian: rsyslog-elasticsearch); for
 * `/etc/rsyslog.d/`.
 */
export function rsyslogConf({ server, workFolder, files }: RsyslogPlaces = PLACES): string {
  return `# Written by \`npm run monitoring\` from monitoring/logs/rsyslog.ts. Cleaver's logs into OpenSearch or Elasticsearch;
# copy it to /etc/rsyslog.d/60-cleaver.conf. It needs the packages rsyslog and rsyslog-elasticsearch.

# A line with a stack is longer than the 8 KB that rsyslog cuts at. Twice is no harm.
global(maxMessageSize="512k")
module(load="imfile")
module(load="omelasticsearch")

# The line as it came; for what is no line of ours, its text.
template(name="cleaver_line" type="string" string="%$.line%")
template(name="cleaver_again" type="string" string="%$!%")
template(name="cleaver_id" type="string" string="%$.id%")
template(name="cleaver_rejected" type="list") {
  constant(value="{\\"@timestamp\\":\\"")
  property(name="timegenerated" dateFormat="rfc3339" date.inUTC="on")
  constant(value="\\",\\"message\\":\\"")
  property(name="$.line" format="json")
  constant(value="\\",\\"error_reason\\":\\"")
  property(name="$.reason" format="json")
  constant(value="\\"}")
}

${files
  .map((file) => `input(type="imfile" file="${file}" tag="cleaver" ruleset="cleaver" reopenOnTruncate="on")`)
  .join('\n')}

# No queue between the files and the action's: what is read is on its way to the disk, and a full disk holds the reading up.
ruleset(name="cleaver" queue.type="Direct") {
  # Where a container runtime wrote it, a line begins with the time, the stream and F.
  set $.line = re_extract($msg, "^[^ ]+ std(out|err) F (.*)", 0, 2, $msg);
  # Given once and kept in the queue: what is sent again after a lost answer is not there twice.
  set $.id = $uuid;
  set $.is_json = parse_json($.line, "\\$.parsed");
  unset $.parsed;
  if $.is_json == 0 and re_match($.line, "^[ ]*\\\\{") then {
    call cleaver_send
  } else {
    set $.reason = "no JSON";
    call cleaver_reject
  }
}

ruleset(name="cleaver_send") {
${action({ name: 'cleaver_send', server, workFolder, index: LOGS, template: 'cleaver_line', retry: 'cleaver_retry' })}
}

# All lines of a bulk of which the store did not take each; what it took comes too. 409: it was there already, as the answer
# to a former try was lost.
ruleset(name="cleaver_retry" ${queue('cleaver_retry', workFolder).join('\n  ')}) {
  if $.omes!status == 200 or $.omes!status == 201 or $.omes!status == 409 then stop
  # $msg would be the line's field message alone.
  set $.line = exec_template("cleaver_again");
  set $.id = $.omes!_id;
  if $.omes!status == 429 or $.omes!status >= 500 then {
    call cleaver_send
  } else {
    set $.reason = $.omes!error!type & ": " & $.omes!error!reason;
    call cleaver_reject
  }
}

ruleset(name="cleaver_reject") {
${action({ name: 'cleaver_reject', server, workFolder, index: REJECTED, template: 'cleaver_rejected' })}
}
`;
}

interface ActionPlan {
  name: string;
  server: string;
  workFolder: string;
  index: string;
  template: string;
  retry?: string;
}

/** Sends for ever; what waits lies on the disk, within bounds, also over a restart. */
function action({ name, server, workFolder, index, template, retry }: ActionPlan): string {
  const options = [
    `type="omelasticsearch" name="${name}" server="${server}"`,
    // A data stream only lets lines be added.
    `searchIndex="${index}" searchType="" bulkMode="on" writeOperation="create" dynBulkId="on" bulkId="cleaver_id"`,
    `template="${template}"${retry === undefined ? '' : ` retryFailures="on" retryRuleset="${retry}"`}`,
    ...queue(name, workFolder),
    `action.resumeRetryCount="-1" action.resumeInterval="2" action.resumeIntervalMax="10"`,
  ];
  return `  action(${options.join('\n    ')})`;
}

/** What waits: in memory up to the watermark, beyond it on the disk, and all of it there while rsyslog does not run. */
function queue(name: string, workFolder: string): string[] {
  return [
    `queue.type="LinkedList" queue.size="10000" queue.highWatermark="5000" queue.lowWatermark="1000"`,
    `queue.fileName="${name}" queue.spoolDirectory="${workFolder}" queue.maxDiskSpace="1g" queue.saveOnShutdown="on"`,
    // Where the disk's share is full too the reading of the files waits, and nothing is dropped.
    `queue.timeoutEnqueue="86400000" queue.dequeueBatchSize="500" queue.workerThreads="1"`,
    // By default 10 ms, after which a worker is cut off, and loses what it holds.
    `queue.timeoutShutdown="1000" queue.timeoutActionCompletion="20000" queue.timeoutWorkerThreadShutdown="1000"`,
  ];
}
