import { describe, expect, test } from 'vitest';
import { FAILURE_REASONS, type Failure, type TestedPath } from '../result.ts';
import { sampleFailure, samplePath, sampleResult } from './sample-result.ts';
import { sarifLog, type SarifTool } from './sarif.ts';

function runOf(failures: Failure[], tested: TestedPath[] = [samplePath()], tool?: SarifTool) {
  const [run] = sarifLog(sampleResult(tested, { failures }), tool).runs;
  if (run === undefined) throw new Error('The log has no run.');
  return run;
}

function fingerprints(failures: Failure[], tested: TestedPath[]): (string | undefined)[] {
  return runOf(failures, tested).results.map((result) => result.partialFingerprints['errorPath/v1']);
}

test('the log names its version and a schema for it', () => {
  expect(sarifLog(sampleResult())).toMatchObject({
    version: '2.1.0',
    $schema: expect.stringMatching(/2\.1\.0\.json$/) as string,
  });
});

test('there is one rule for each reason, with a name in Pascal case', () => {
  const { rules } = runOf([]).tool.driver;
  expect(rules.map(({ id }) => id)).toEqual(FAILURE_REASONS);
  expect(rules.find(({ id }) => id === 'half-written')?.name).toBe('HalfWritten');
  expect(rules.find(({ id }) => id === 'waiver-unused')?.defaultConfiguration.level).toBe('warning');
});

test('the version of the tool is said where it is known', () => {
  expect(runOf([], [], { version: '1.2.3' }).tool.driver).toMatchObject({ name: 'exception-test', version: '1.2.3' });
  expect(runOf([]).tool.driver).not.toHaveProperty('version');
});

describe('a result', () => {
  test('points to its rule, and says what is wrong and what to do', () => {
    const run = runOf([sampleFailure({ reason: 'survivor' })]);
    const [result] = run.results;
    expect(result).toMatchObject({
      ruleId: 'survivor',
      level: 'error',
      message: { text: 'No test reaches this throw in readAll. Call readAll without a file.' },
    });
    expect(run.tool.driver.rules[result?.ruleIndex ?? -1]?.id).toBe('survivor');
  });

  test('of a path has the whole range of it, and its function', () => {
    expect(runOf([sampleFailure()]).results[0]?.locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: 'actions/etl/main.ts', uriBaseId: '%SRCROOT%' },
          region: { startLine: 2, startColumn: 3, endLine: 2, endColumn: 30 },
        },
        logicalLocations: [{ name: 'readAll', kind: 'function' }],
      },
    ]);
  });

  test('of no path has its line', () => {
    const location = runOf([sampleFailure({ kind: 'waiver', line: 9 })]).results[0]?.locations[0];
    expect(location?.physicalLocation.region).toEqual({ startLine: 9 });
    expect(location).not.toHaveProperty('logicalLocations');
  });

  test('of no file still has a place, the first line of one that stands for all', () => {
    const ofAll = sampleFailure({ file: '', line: 0, kind: 'all', reason: 'threshold' });
    expect(runOf([ofAll]).results[0]?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'package.json', uriBaseId: '%SRCROOT%' },
      region: { startLine: 1 },
    });
    expect(runOf([ofAll], [], { fileForAll: 'vitest.config.ts' }).results[0]?.locations[0]).toMatchObject({
      physicalLocation: { artifactLocation: { uri: 'vitest.config.ts' } },
    });
  });

  test('has an address that a file with odd signs cannot break', () => {
    const uri = runOf([sampleFailure({ file: 'a b/[id]#1.ts' })]).results[0]?.locations[0]?.physicalLocation;
    expect(uri?.artifactLocation.uri).toBe('a%20b/%5Bid%5D%231.ts');
  });
});

describe('a fingerprint', () => {
  const moved = (path: TestedPath, lines: number): TestedPath => ({
    ...path,
    start: { ...path.start, line: path.start.line + lines },
    end: { ...path.end, line: path.end.line + lines },
  });
  const second = samplePath({ start: { line: 5, column: 3 }, end: { line: 5, column: 30 } });
  const tested = [samplePath(), second];
  const failures = [sampleFailure(), sampleFailure({ line: 5 }), sampleFailure({ kind: 'waiver', message: 'Line 8.' })];

  test('stays when lines are added above', () => {
    const after = fingerprints(
      [
        sampleFailure({ line: 12 }),
        sampleFailure({ line: 15 }),
        sampleFailure({ kind: 'waiver', line: 12, message: 'Line 18.' }),
      ],
      tested.map((path) => moved(path, 10)),
    );
    expect(after).toEqual(fingerprints(failures, tested));
  });

  test('stays when the failures come in another order', () => {
    expect(fingerprints(failures.slice(0, 2).reverse(), tested)).toEqual(fingerprints(failures.slice(0, 2), tested));
  });

  test('differs for paths with the same text, for another reason and in another function', () => {
    const all = [
      ...fingerprints(failures, tested),
      ...fingerprints([sampleFailure({ reason: 'survivor' })], tested),
      ...fingerprints([sampleFailure()], [samplePath({ inside: 'readOne' })]),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});
