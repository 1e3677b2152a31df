import path from 'node:path';
import type { Home } from './home.ts';
import { readLines } from './prediction-lines.ts';
import { namesIn } from './state-metrics-files.ts';
import { sample, type Sample } from './state-metrics-names.ts';

const UNKNOWN = 'unknown';

/** Lines in quarantine: zero for each model, so that the first one is seen as growth. */
export async function quarantineSamples(home: Home, models: readonly string[]): Promise<Sample[]> {
  const counts = new Map([...models, UNKNOWN].map((model) => [model, 0]));
  const folders = (await namesIn(home.quarantine)).map((name) => path.join(home.quarantine, name));
  for (const folder of folders) {
    for (const name of await namesIn(folder)) {
      for await (const lines of readLines(path.join(folder, name))) {
        for (const line of lines) {
          const model = modelOf(line, counts);
          counts.set(model, (counts.get(model) ?? 0) + 1);
        }
      }
    }
  }
  return [...counts].flatMap(([model, count]) => sample('cleaver_quarantine_lines', count, { model }));
}

/** A line is here because it is torn or altered, so it may still name its model, or one that never was. */
function modelOf(line: Buffer, known: ReadonlyMap<string, number>): string {
  const name = /"model":"([^"]*)"/.exec(line.toString('latin1'))?.[1];
  return name !== undefined && known.has(name) ? name : UNKNOWN;
}
