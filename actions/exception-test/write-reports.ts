import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { badgeEndpoint, badgeSvg } from './report/badge.ts';
import { jsonReport } from './report/json.ts';
import { htmlPage } from './report/page.ts';
import { sarifLog } from './report/sarif.ts';
import type { ExceptionResult } from './result.ts';

/** Writes the page, the SARIF log, the badge and the JSON of a result to a folder. */
export function writeReports(folder: string, root: string, result: ExceptionResult): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => {
    writeFileSync(path.join(folder, name), text);
  };
  write(
    'index.html',
    htmlPage(result, (file) => readFileSync(path.join(root, file), 'utf8')),
  );
  write('exceptions.sarif', JSON.stringify(sarifLog(result)));
  write('badge.svg', badgeSvg(result));
  write('badge.json', JSON.stringify(badgeEndpoint(result)));
  write('exceptions.json', JSON.stringify(jsonReport(result)));
}
