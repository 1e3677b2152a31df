import { createHash } from 'node:crypto';
import { FAILURE_REASONS, type ExceptionResult, type Failure, type TestedPath } from '../result.ts';
import { sortFailures } from './failures.ts';
import { pathFinder, type FindPath } from './path-of-failure.ts';
import { REASONS } from './reasons.ts';
import type { SarifLocation, SarifLog, SarifResult, SarifRule } from './sarif-log.ts';

/** What the log says of the tool that wrote it. */
export interface SarifTool {
  version?: string;
  informationUri?: string;
  /** A file that stands for what is of no file: GitHub refuses a result without a place. */
  fileForAll?: string;
}

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** The failures as a SARIF 2.1.0 log, one rule for each reason. */
export function sarifLog(result: ExceptionResult, { fileForAll = 'package.json', ...tool }: SarifTool = {}): SarifLog {
  const findPath = pathFinder(result.tested);
  const seen = new Map<string, number>();
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'exception-test', ...tool, rules: FAILURE_REASONS.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The root of the repository.' } } },
        // In the order of the text: it is what numbers those that are alike.
        results: sortFailures(result.failures).map((failure) => resultOf(failure, findPath, seen, fileForAll)),
      },
    ],
  };
}

function ruleOf(reason: (typeof FAILURE_REASONS)[number]): SarifRule {
  const { title, meaning, help, level } = REASONS[reason];
  return {
    id: reason,
    name: reason.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: title },
    fullDescription: { text: meaning },
    help: { text: help },
    defaultConfiguration: { level },
    properties: { tags: ['error-handling', 'test'] },
  };
}

function resultOf(failure: Failure, findPath: FindPath, seen: Map<string, number>, fileForAll: string): SarifResult {
  const { file, reason, kind, message, hint } = failure;
  const path = findPath(failure);
  const likeness = likenessOf(failure, path);
  const before = seen.get(likeness) ?? 0;
  seen.set(likeness, before + 1);
  return {
    ruleId: reason,
    ruleIndex: FAILURE_REASONS.indexOf(reason),
    level: REASONS[reason].level,
    message: { text: hint === '' ? message : `${message} ${hint}` },
    locations: [locationOf(file === '' ? fileForAll : file, failure.line, path)],
    partialFingerprints: { 'errorPath/v1': createHash('sha256').update(`${likeness}\n${before}`).digest('hex') },
    properties: { kind },
  };
}

/** What stays as it is when lines are added above. Figures in a message, lines among them, do not. */
function likenessOf({ file, reason, kind, message }: Failure, path: TestedPath | undefined): string {
  const what = path === undefined ? [message.replace(/\d+/g, '0')] : [path.inside ?? '', path.text];
  return JSON.stringify([file, reason, kind, ...what]);
}

function locationOf(file: string, line: number, path: TestedPath | undefined): SarifLocation {
  const region =
    path === undefined
      ? { startLine: Math.max(1, line) }
      : {
          startLine: path.start.line,
          startColumn: path.start.column,
          endLine: path.end.line,
          endColumn: path.end.column,
        };
  return {
    physicalLocation: {
      artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' },
      region,
    },
    ...(path?.inside === undefined ? {} : { logicalLocations: [{ name: path.inside, kind: 'function' }] }),
  };
}
