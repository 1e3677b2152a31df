/** What an alert is tried on. Series are promtool's: the name, and its values from 0 on, one after each `every`. */
export interface AlertCase {
  /** From one value to the next; the rules are evaluated as often. */
  every: string;
  /** It goes wrong and is well again. */
  fires: {
    series: Record<string, string>;
    /** A moment when it fires. */
    at: string;
    /** And one when that is over. */
    over: string;
    /** Labels beside severity and subject; the summary as people read it. */
    told: { labels: Record<string, string>; summary: string }[];
  };
  /** Close to it, and yet nobody must be told. */
  quiet: { because: string; series: Record<string, string>; at: string };
}

/** By the alert's name. */
export type Cases = Readonly<Record<string, AlertCase>>;

/** Labels of the targets that most cases are about. */
export const SERVICE_A = { job: 'cleaver', instance: 'a:8080', node: 'home' };
export const HOME = { job: 'node', instance: 'home:9100', node: 'home' };

/** A series' name as promtool wants it. */
export function series(name: string, labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(',')}}`;
}
