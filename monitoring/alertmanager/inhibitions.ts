/** What one alert makes superfluous. Labels that both lack count as equal. */
export const INHIBITIONS = [
  // Of a machine that is down nothing else is news. `node` is a label of the targets; without it nobody knows what was on it.
  {
    source_matchers: ['alertname="MachineDown"', 'node=~".+"'],
    target_matchers: ['alertname!~"MachineDown|Watchdog"'],
    equal: ['node'],
  },
  // A page says it all; what is slower or smaller about the same subject waits until that is over.
  {
    source_matchers: ['severity="page"', 'subject!="machine"'],
    target_matchers: ['severity=~"ticket|info"', 'alertname!="Watchdog"'],
    equal: ['subject'],
  },
  // Machines are several: a page about one says nothing of another.
  {
    source_matchers: ['severity="page"', 'subject="machine"'],
    target_matchers: ['severity=~"ticket|info"'],
    equal: ['subject', 'node'],
  },
  // A disk that is full by now need not be told to fill.
  {
    source_matchers: ['alertname="DiskFull"'],
    target_matchers: ['alertname="DiskFullInHours"'],
    equal: ['node', 'instance', 'mountpoint'],
  },
  // Nor a certificate that ends at once.
  {
    source_matchers: ['alertname="CertificateEnds"'],
    target_matchers: ['alertname="CertificateEndsSoon"'],
    equal: ['host'],
  },
];
