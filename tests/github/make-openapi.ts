import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Writes openapi.json: the part of GitHub's published description of its API that we use. With `--check` compares it
 * instead, and ends with 1 where it differs. The whole package takes 400 MB, so it is fetched here only.
 */
const PACKAGE = '@octokit/openapi@23.0.2';
const FILE = path.join(import.meta.dirname, 'openapi.json');

const OPERATIONS: Record<string, readonly string[]> = {
  '/repos/{owner}/{repo}': ['get'],
  '/repos/{owner}/{repo}/actions/workflows': ['get'],
  '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches': ['post'],
  '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/enable': ['put'],
  '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs': ['get'],
  '/repos/{owner}/{repo}/dispatches': ['post'],
  '/repos/{owner}/{repo}/issues': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/{issue_number}': ['patch'],
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['patch'],
  '/repos/{owner}/{repo}/pulls/{pull_number}': ['get'],
};

/** Text for people; nothing that says what is valid. */
const LEFT_OUT = new Set(['summary', 'tags', 'example', 'examples', 'externalDocs', 'x-github']);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = Record<string, Json>;

const whole = await download();
const paths = Object.fromEntries(
  Object.entries(OPERATIONS).map(([route, methods]) => {
    const described = whole['paths'] as Record<string, JsonObject>;
    return [route, Object.fromEntries(methods.map((method) => [method, bare(described[route]?.[method] ?? null)]))];
  }),
);
const { title, version, license } = whole['info'] as JsonObject;
const extract: JsonObject = {
  openapi: whole['openapi'] ?? '',
  info: { title: title ?? '', version: version ?? '', license: license ?? '', 'x-from': PACKAGE },
  paths,
};
for (const reference of referencesOf(paths)) include(reference);
const text = `${JSON.stringify(extract)}\n`;

if (!process.argv.includes('--check')) await writeFile(FILE, text);
else if (text !== (await readFile(FILE, 'utf8'))) {
  process.stderr.write('openapi.json is not what GitHub publishes: run `node tests/github/make-openapi.ts`.\n');
  process.exitCode = 1;
}

async function download(): Promise<JsonObject> {
  const folder = await mkdtemp(path.join(tmpdir(), 'openapi-'));
  try {
    const archive = execFileSync('npm', ['pack', PACKAGE, '--silent'], { cwd: folder, encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xzf', archive, 'package/generated/api.github.com.json'], { cwd: folder });
    return JSON.parse(await readFile(path.join(folder, 'package/generated/api.github.com.json'), 'utf8')) as JsonObject;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Takes a component over with all that it refers to, such as `#/components/schemas/issue`. */
function include(reference: string): void {
  const [kind = '', name = ''] = reference.split('/').slice(2);
  const components = (extract['components'] ??= {}) as Record<string, JsonObject>;
  const ofKind = (components[kind] ??= {});
  if (name in ofKind) return;
  ofKind[name] = bare((whole['components'] as Record<string, JsonObject>)[kind]?.[name] ?? null);
  for (const further of referencesOf(ofKind[name])) include(further);
}

function referencesOf(value: Json): string[] {
  const found = JSON.stringify(value).matchAll(/"\$ref":"([^"]+)"/g);
  return [...found].map(([, reference = '']) => reference);
}

function bare(value: Json): Json {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  // A description may be asked for, even if it says nothing. What is an object by that name is a property.
  const entries = Object.entries(value).map(([key, content]) =>
    key === 'description' && typeof content === 'string' ? ([key, ''] as const) : ([key, bare(content)] as const),
  );
  return Object.fromEntries(entries.filter(([key, content]) => !LEFT_OUT.has(key) || isProperty(content)));
}

function isProperty(content: Json): boolean {
  return typeof content === 'object' && content !== null && ('type' in content || '$ref' in content);
}
