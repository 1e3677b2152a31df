/** One value of a metrics page. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/**
 * The samples of a page in Prometheus' text format; lines of another form are passed over.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/, text format details.
 */
export function parseMetrics(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const found = /^(?<name>[a-zA-Z_:][\w:]*)\s*(?:\{(?<labels>.*)\})?\s+(?<value>\S+)(?:\s+-?\d+)?\s*$/.exec(line);
    const { name, labels = '', value = '' } = found?.groups ?? {};
    const number = numberOf(value);
    return name === undefined || Number.isNaN(number) ? [] : [{ name, labels: labelsOf(labels), value: number }];
  });
}

/** What several pods counted together, series by series. */
export function addSamples(pages: readonly (readonly Sample[])[]): Sample[] {
  const sums = new Map<string, Sample>();
  for (const sample of pages.flat()) {
    const key = keyOf(sample);
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { ...sample });
    else sum.value += sample.value;
  }
  return [...sums.values()];
}

/** What a pod counted since `before`; a counter that went back began anew in between. */
export function growthSince(before: readonly Sample[], now: readonly Sample[]): Sample[] {
  const known = new Map(before.map((sample) => [keyOf(sample), sample.value]));
  return now.map((sample) => {
    const was = known.get(keyOf(sample)) ?? 0;
    return { ...sample, value: sample.value < was ? sample.value : sample.value - was };
  });
}

/** The sum over the series of a name, those whose labels are as asked. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  fits: (labels: Record<string, string>) => boolean = () => true,
): number {
  let sum = 0;
  for (const sample of samples) if (sample.name === name && fits(sample.labels)) sum += sample.value;
  return sum;
}

function keyOf({ name, labels }: Sample): string {
  return JSON.stringify([name, ...Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1))]);
}

function labelsOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, unescape(value)]));
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

function numberOf(text: string): number {
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return text === '' ? Number.NaN : Number(text);
}
