import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * Whether the image goes without a package: the Node that npm brings (the image has one), and bindings that are for
 * another platform. `platform` is as in `linux-x64`, with glibc.
 */
export function isLeftOut(packageName: string, platform: string): boolean {
  if (/^node-(bin-)?(darwin|linux|win)-/.test(packageName)) return true;
  const [, binding] = /^@duckdb\/node-bindings-(.+)$/.exec(packageName) ?? [];
  return binding !== undefined && binding !== platform;
}

/** Takes out of an installed node_modules what a server on this platform never reads. */
export function stripPackages(modules: string, platform = `${process.platform}-${process.arch}`): void {
  for (const name of packageNames(modules)) {
    if (isLeftOut(name, platform)) remove(path.join(modules, name));
  }
  remove(path.join(modules, '.bin'));
  for (const { parentPath, name } of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    const file = path.join(parentPath, name);
    if (isForAnother(path.relative(modules, file), platform) || isForPeople(name)) remove(file);
  }
}

function packageNames(modules: string): string[] {
  return readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(path.join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
}

/** onnxruntime has the libraries of all platforms in one package, and on some those of graphics cards. */
function isForAnother(file: string, platform: string): boolean {
  const [, system, processor, library] = /^onnxruntime-node\/bin\/napi-v\d+\/(\w+)\/(\w+)(?:\/(.+))?$/.exec(file) ?? [];
  if (system === undefined) return false;
  return `${system}-${processor ?? ''}` !== platform || /providers_(cuda|tensorrt)/.test(library ?? '');
}

/** Source maps, types, TypeScript (which Node does not run under node_modules) and documentation; licences stay. */
function isForPeople(name: string): boolean {
  return /\.(map|[cm]?ts|flow|md|markdown)$/i.test(name) && !/^(licen[cs]e|notice|copying)/i.test(name);
}

function remove(file: string): void {
  rmSync(file, { recursive: true, force: true });
}

if (import.meta.main) stripPackages(path.resolve(process.argv[2] ?? 'node_modules'));
