import { stripTypeScriptTypes } from 'node:module';
import { runInNewContext } from 'node:vm';
import MagicString from 'magic-string';
import { describe, expect, test } from 'vitest';
import { weaveFaultScopes, type FaultScope } from './fault-scopes.ts';
import { parseSource } from './find-paths.ts';

/** Weaves `save` and what is exported, as the option `functions` may say. */
function weave(text: string): { text: string; scopes: FaultScope[] } {
  const code = new MagicString(text);
  const isNamed = (name: string, exported: boolean) => exported || name === 'save';
  const scopes = weaveFaultScopes('it.ts', parseSource('it.ts', text), code, isNamed);
  return { text: code.toString(), scopes };
}

/** Runs a woven script; what it logs, and what the runtime is told, in the order of time. */
async function logOf(text: string): Promise<string[]> {
  const log: string[] = [];
  const short = (id: unknown) => String(id).replace('it.ts!', '');
  const __errorPath__ = {
    scope(id: unknown, work: () => unknown) {
      log.push(`in ${short(id)}`);
      return work();
    },
    enterTry: (id: string) => log.push(`try ${short(id)}`),
    leaveTry: (id: string) => log.push(`end ${short(id)}`),
  };
  const context = { __errorPath__, log: (text: string) => log.push(text) };
  await runInNewContext(stripTypeScriptTypes(weave(text).text), context);
  return log;
}

describe('the scopes', () => {
  test('are functions that are named or exported, and try blocks, with their lines and names', () => {
    const { scopes } = weave(`export function load() {}
function save() {
  try { write(); } finally {}
}
function other() {}
export const remove = async () => 1;
const list = [() => { try { write(); } catch {} }];
class Store {
  save() {}
  async put() { try { await 1; } catch (error) { throw error; } }
  constructor() { try { write(); } catch {} }
}
function* all() { try { yield 1; } finally {} }`);
    expect(scopes.map(({ line, name }) => `${line} ${name}`)).toEqual([
      ...['1 load', '2 save', '3 the try block of save', '6 remove', '7 the try block of a function'],
      ...['9 save', '10 the try block of put'],
    ]);
    expect(scopes.map(({ id }) => id)).toEqual(scopes.map((_, index) => `it.ts!${index}`));
  });

  test('of a function within another are its own', () => {
    const { scopes } = weave('function outer() { const inner = () => { try { write(); } catch {} }; inner(); }');
    expect(scopes.map(({ name }) => name)).toEqual(['the try block of inner']);
  });

  test('add no line', () => {
    const text =
      'export async function save() {\n  try {\n    await 1;\n  } catch (error) {\n    throw error;\n  }\n}\n';
    expect(weave(text).text.split('\n')).toHaveLength(text.split('\n').length);
  });
});

describe('woven code does what it did', () => {
  test.each<[string, string, string[]]>([
    ['a function gives its value', 'function save() { return 7; } log(String(save()));', ['in 0', '7']],
    ['an arrow function gives its expression', 'const save = () => ({ a: 1 }); log(String(save().a));', ['in 0', '1']],
    [
      'an asynchronous one awaits',
      'async function save() { return await Promise.resolve(7); } save().then(String).then(log);',
      ['in 0', '7'],
    ],
    [
      'this and arguments are those of the function',
      'const it = { n: 4, save() { return this.n + arguments.length; } }; log(String(it.save(1, 2)));',
      ['in 0', '6'],
    ],
    [
      'a method calls that of its parent',
      'class A { save() { return 1; } } class B extends A { save() { return super.save() + 1; } } log(String(new B().save()));',
      ['in 1', 'in 0', '2'],
    ],
    [
      'a try block that ends well is left at its end',
      'function it() { try { log("a"); } catch { log("b"); } log("c"); } it();',
      ['in undefined', 'try 0', 'a', 'end 0', 'c'],
    ],
    [
      'one that throws is left before its error is handled',
      'function it() { try { throw new Error(); } catch { log("b"); } } it();',
      ['in undefined', 'try 0', 'end 0', 'b', 'end 0'],
    ],
    [
      'one that returns is left before it is cleaned up',
      'function it() { try { return "a"; } finally { log("b"); } } log(it());',
      ['in undefined', 'try 0', 'end 0', 'b', 'a'],
    ],
    [
      'with a handler and a finally block, it is left before either',
      'function it() { try { throw new Error(); } catch { log("b"); } finally { log("c"); } } it();',
      ['in undefined', 'try 0', 'end 0', 'b', 'end 0', 'c'],
    ],
  ])('%s', async (_, text, log) => {
    expect(await logOf(text)).toEqual(log);
  });
});
