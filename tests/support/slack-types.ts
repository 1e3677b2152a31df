import path from 'node:path';
import ts from 'typescript';

/** Never written; it lies here so that `@slack/types` is found. */
const FILE = path.join(import.meta.dirname, 'slack-payloads.generated.ts');

/** What TypeScript says against payloads as literals of Slack's own types; nothing when all are right. */
export function checkSlackTypes(payloads: readonly unknown[]): string[] {
  const source = [
    `import type { KnownBlock } from '@slack/types';`,
    ...payloads.map(
      (payload, index) =>
        `export const payload${index}: { text: string; blocks: KnownBlock[] } = ${JSON.stringify(payload)};`,
    ),
  ].join('\n');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2024,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === FILE || disk.fileExists(name),
    readFile: (name) => (name === FILE ? source : disk.readFile(name)),
    getSourceFile: (name, target) =>
      name === FILE ? ts.createSourceFile(name, source, target) : disk.getSourceFile(name, target),
  };
  const program = ts.createProgram([FILE], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
