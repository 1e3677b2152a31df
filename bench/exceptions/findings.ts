/** What a report says of a place in the source; lines from 1, both inclusive. */
export interface Finding {
  file: string;
  from: number;
  to: number;
  reason: string;
}

/** What one tool made of the fixture. */
export interface Report {
  findings: readonly Finding[];
  /** Whether it would have stopped a merge, as it is set up here; undefined where it is not set up to. */
  red: boolean | undefined;
  seconds: number;
}

export interface Bug {
  id: string;
  file: string;
  /** The line that `text` stands in. */
  line: number;
  /** The lines that a report has to name one of, for the bug to be found. */
  from: number;
  to: number;
  text: string;
  title: string;
  goesWrong: string;
}

/** One rule for every tool: a finding is of a bug when it names one of the bug's lines. */
export function isOf(finding: Finding, bug: Bug): boolean {
  return finding.file === bug.file && finding.from <= bug.to && finding.to >= bug.from;
}

export function findingsOf(bug: Bug, { findings }: Report): Finding[] {
  return findings.filter((finding) => isOf(finding, bug));
}

/** What points at no bug, and on how many lines it begins. */
export function elsewhere({ findings }: Report, bugs: readonly Bug[]): { findings: number; lines: number } {
  const others = findings.filter((finding) => !bugs.some((bug) => isOf(finding, bug)));
  return { findings: others.length, lines: new Set(others.map(({ file, from }) => `${file}:${from}`)).size };
}
