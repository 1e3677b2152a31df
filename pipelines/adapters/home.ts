import path from 'node:path';

/** The folders of the state; see "State" in docs/glossary.md. */
export interface Home {
  root: string;
  mart: string;
  registry: string;
  runs: string;
  reports: string;
  deliveries: string;
  predictions: string;
  quarantine: string;
  locks: string;
  /** When scheduled workflows ran last, see actions/missed-schedule.ts. */
  schedules: string;
  /** What the node exporter reads of the state, and what of it is nowhere else; see adapters/state-metrics.ts. */
  metrics: string;
  /** What the steps log, see docs/logs.md. */
  logs: string;
  /** Files in the making; what a killed command left there is swept by the next one. */
  work: string;
}

/** The state folder's layout, by default the one that CLEAVER_HOME names, else `.cleaver` in the current folder. */
export function homeAt(root = process.env['CLEAVER_HOME'] ?? '.cleaver'): Home {
  const at = (name: string) => path.resolve(root, name);
  return {
    root: path.resolve(root),
    mart: at('mart'),
    registry: at('registry'),
    runs: at('runs'),
    reports: at('reports'),
    deliveries: at('deliveries'),
    predictions: at('predictions'),
    quarantine: at('quarantine'),
    locks: at('locks'),
    schedules: at('schedules'),
    metrics: at('metrics'),
    logs: at('logs'),
    work: at('work'),
  };
}

/** A URL of a manifest with `{home}` replaced by the state folder. */
export function urlIn(home: Home, url: string): string {
  return url.replaceAll('{home}', home.root);
}
