import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { mutantsOf, openPrograms } from './woven-program.ts';

const programs = openPrograms();
afterAll(programs.close);

const given = () => ({
  EventEmitter,
  err: (why: string) => ({ why }),
  core: { setFailed: (text: string) => `failed: ${text}` },
});

/** As `log: …`, `returned …` or `thrown …`, to be compared at a glance. */
async function shown(run: Promise<{ log: unknown[]; returned?: unknown; thrown?: unknown }>): Promise<string> {
  const { log, ...end } = await run;
  const [[how, value] = ['returned', undefined]] = Object.entries(end);
  const text = value instanceof Error ? value.message : JSON.stringify(value);
  return `${log.map(String).join(' ')} / ${how} ${text}`;
}

const plain = async (body: string) => await shown(programs.plain(body, given()));
const woven = async (body: string) => await shown(programs.woven(body, undefined, given()));

/** What a program does with each of its mutants, by kind and mutation, in the order of the text. */
async function mutated(body: string): Promise<string[]> {
  const lines: string[] = [];
  for (const { kind, ...mutant } of mutantsOf(body)) {
    lines.push(`${kind} ${mutant.mutation}: ${await shown(programs.woven(body, mutant, given()))}`);
  }
  return lines;
}

/** Programs by what they show, with what they do. */
const PROGRAMS: Record<string, [body: string, does: string]> = {
  'an error that is thrown': ['log(1); throw log(new Error("x"));', '1 Error: x / thrown x'],
  'an else belongs to its if': [
    'for (const n of [1, 2, 3]) if (n > 1) if (n > 2) log("a"); else try { throw n } catch { log("b") }\n else log("c");',
    'c b a / returned undefined',
  ],
  'an else behind a throw': [
    'const f = (a) => { if (a) throw "t"; else return "e"; }; log(f(0)); try { f(1) } catch (e) { log(e) }',
    'e t / returned undefined',
  ],
  'a throw under a label, in a loop, in a switch': [
    `try { label: throw "l" } catch (e) { log(e) }
    try { do throw "d"; while (log(false)) } catch (e) { log(e) }
    try { for (;;) throw "f" } catch (e) { log(e) }
    try { switch (1) { case 1: throw "s"; default: log("no") } } catch (e) { log(e) }`,
    'l d f s / returned undefined',
  ],
  'text without semicolons': [
    `const a = 1
    try {
      if (a) throw [a]
    } catch (e) { log(e) }
    ;[1, 2].forEach(n => { if (n > 1) try { throw n } catch (e) { log(e) } })
    const fail = () => { throw a }
    try { fail() } catch { log("z") }
    return a`,
    '1 2 z / returned 1',
  ],
  'this and arguments in handlers, callbacks and tests': [
    `const on = new EventEmitter(); on.name = "emitter";
    on.on("error", function (e) { log(this.name + arguments.length + e) });
    on.emit("error", "x", 2);
    const read = (done) => done.call({ name: "self" }, "err", "data");
    read(function (err) { if (err && this.name && arguments[1] === "data") log(this.name) });
    read(function (error, data) { log(this.name + data + arguments.length) });
    await Promise.reject("r").catch((e) => log(this.name + arguments.length + e));
    const f = () => { try { throw 1 } catch { return this.name + arguments[0] } };
    return f()`,
    'emitter2x self selfdata2 this2r / returned "this1"',
  ],
  'a finally block that is left drops the error, and one that is not does not': [
    `const f = (leave) => { try { throw "x" } finally { log("f"); if (leave) return "left" } };
    log(f(true)); try { f(false) } catch (e) { log(e) }
    const g = () => { try { return "a" } finally { return "b" } };
    for (const n of [1, 2]) { try { if (n === 1) throw n } finally { if (n === 1) continue; else break } }
    outer: for (const n of [1, 2]) for (const m of [1, 2]) { try { throw n } finally { log(n); continue outer } }
    return g()`,
    'f left f x 1 2 / returned "b"',
  ],
  'a finally block behind a catch clause that throws': [
    `const f = () => { try { throw 1 } catch (e) { log(e); throw 2 } finally { return "left" } };
    const g = () => { try { throw 1 } catch {} finally { return "empty" } };
    const h = () => { try { throw 1 } catch { return "c" } finally { log("h") } };
    return [f(), g(), h()].join()`,
    '1 h / returned "left,empty,c"',
  ],
  'bindings of a catch clause': [
    `try { throw { message: "m", code: 0 } } catch ({ message, code = 1, more: { deep } = { deep: log("d") } }) { log(message + code + deep) }
    try { throw [1, 2] } catch ([, second, ...rest]) { log(second + rest.length) }
    try { throw { a: 1 } } catch ({ ...all }) { log(all.a) }
    try { throw {} } catch ({ a = (() => { try { throw 7 } catch (e) { return e } })() }) { log(a) }
    try { try { throw null } catch ({ no }) { log("no") } } catch (e) { log(e instanceof TypeError) }
    try { throw {
      message: "over"
    } } catch ({
      message,
    }) { log(message + new Error().stack.includes("e")) }
    try { throw 1 } catch (e) { var e = 5; log(e) }
    try { throw 2 } catch { const e = 3; log(e) }
    try { throw {} } catch ({ length }) {}
    try { throw 3 } catch (e) { let inner = e; { let e = 4; log(inner + e) } }
    try { throw 4 } catch /* why */ { log("c") } // end`,
    'd m0d 2 1 7 true overtrue 5 3 7 c / returned undefined',
  ],
  'functions that a catch block declares': [
    'try { throw 1 } catch (e) { log(f()); function f() { return e } }\n return typeof f',
    '1 / returned "function"',
  ],
  'what is awaited keeps its turn': [
    `const order = [];
    const job = async (name, fails) => { try { order.push(name + 1); await null; if (fails) throw name; } catch (e) { order.push(e + 2); await null; } finally { order.push(name + 3) } };
    await Promise.all([job("a", true), job("b", false), Promise.reject("c").catch((e) => order.push(e)), Promise.reject("d").then(null, (e) => order.push(e))]);
    return order.join(" ")`,
    ' / returned "a1 b1 a2 b3 c d a3"',
  ],
  generators: [
    `function* rows() { try { yield 1; throw yield 2 } catch (e) { yield "c" + e } finally { log("end") } }
    const all = rows(); log(all.next().value); log(all.next().value); log(all.next("t").value); log(all.next().done);
    for (const row of rows()) { log(row); break }
    const g = rows(); g.next(); log(g.throw("in").value); log(g.return("r").value);
    async function* later() { try { yield 1; throw "late" } catch (e) { yield await e } finally { log("closed") } }
    for await (const row of later()) log(row)`,
    '1 2 ct end true 1 end cin end r 1 late closed / returned undefined',
  ],
  'promises, with values or without': [
    `log(await Promise.reject(1).catch(() => 2));
    log(await Promise.resolve(1).catch(() => 2));
    log(await Promise.reject(1).catch(undefined).catch((e) => e));
    log(await Promise.reject(1).then((x) => x, (e) => e + 1));
    log(await Promise.reject(3).then(null, null).catch((e) => e));
    log(await new Promise((resolve, reject) => { [5].forEach(reject) }).catch((e) => e));
    const later = Promise.withResolvers(); later.reject(6); log(await later.promise.catch((e) => e));
    log(await new Promise((_, no) => setTimeout(no, 0, 7)).catch((e) => e));
    void Promise.reject(8).catch(() => {});
    return await Promise.resolve("ok")`,
    '2 1 1 2 3 5 6 7 / returned "ok"',
  ],
  'a chain that ends at what is missing': [
    `const none = undefined; const some = { reject: (x) => ({ then: { x } }), name: "some", self() { return this } };
    some.reject2 = function (x) { return this.name + x };
    const box = { reject(x) { return this === box ? x : "lost" } };
    log(none?.reject(log("never")).then.x); log(some?.reject(1).then.x); log(some.self()?.reject(2).then.x);
    log(none?.a.reject(3)); log(box.reject?.(4)); log(box.missing?.reject(5)); log({ box }.box?.reject?.(6)); log(none?.reject?.(7));
    log(core?.setFailed("a")); log(none?.setFailed("b"))`,
    'undefined 1 2 undefined 4 undefined 6 undefined failed: a undefined / returned undefined',
  ],
  'callbacks with their error first': [
    `const call = (done, ...with_) => done(...with_);
    for (const error of [null, undefined, "bad"]) {
      call((err, x) => { if (err) return log("e" + err); log(x) }, error, 1);
      call((err, x) => { if (!err) log(x); else log("not " + err) }, error, 2);
      call((err, x) => log(err ? "t" : x), error, 3);
      call((err) => log(err && err.length), error);
      call((err) => log(err || "none"), error);
      call((err, x) => { if (err != null && x > 3 || !x) log("both"); }, error, 4);
      call((err, x) => { if (log("comma"), err) log("yes") }, error, 5);
      call((error, x) => log(x), error, 6);
    }`,
    '1 2 3 null none comma 6 1 2 3 undefined none comma 6 ebad not bad t 3 bad both comma yes 6 / returned undefined',
  ],
  'results and failures of actions are values': [
    `const f = (bad) => bad ? { ok: false, why: log("why") } : { ok: true };
    log(f(true).why); log(f(false).ok); log(err("x").why); log(core.setFailed("y"));
    const g = () => ({ ok: false }); log(g().ok)
    class Failed extends (err("base"), Object) {}
    return new Failed() instanceof Failed`,
    'why why true x failed: y false / returned true',
  ],
  'a listener can be taken off, however it was put on': [
    `const on = new EventEmitter(); const report = (e) => log("heard " + e);
    on.on("error", report); on.off("error", report);
    on.once("error", report); on.removeListener("error", report);
    on.prependOnceListener("error", report); on.off("error", report);
    log(on.listenerCount("error"));
    on.once("error", report); on.on("error", report); on.emit("error", 1); on.off("error", report);
    log(on.listenerCount("error"));
    on.on("error", report); on.on("error", report); on.off("error", report); log(on.listenerCount("error"));
    log(on.listeners("error")[0] === report); on.off("error", () => {}); log(on.listenerCount("error")); on.off("close", report);
    return log(on.off("error", report) === on)`,
    '0 heard 1 heard 1 0 1 true 1 true / returned true',
  ],
  'functions keep their name and the number of their parameters': [
    `const stack = []; const app = { use: (f) => stack.push(f.name + f.length) };
    app.use((error, req, res, next) => res); app.use(function named(err, req, res, next) {});
    const emitter = { on: (event, f) => stack.push(f.name + f.length) };
    emitter.on("error", function failed(a, b) {});
    return stack.join()`,
    ' / returned "4,named4,failed2"',
  ],
  'what is left to the caller is handed on': [
    `const read = (done) => done("gone", 1);
    read(function (err, data) { log([...arguments].join("-")) });
    await new Promise((error, ok) => { ok(2) }).catch((e) => log(e));
    [3].map((error, at) => log(at)); [5, 4].sort((aError, bError) => bError ? 1 : -1);`,
    'gone-1 2 0 / returned undefined',
  ],
};

describe('with counters a program does what it does without', () => {
  test.for(Object.entries(PROGRAMS))('%s', async ([, [body, does]]) => {
    expect(await plain(body)).toBe(does);
    expect(await woven(body)).toBe(does);
  });
});

describe('a mutation', () => {
  test('of a throw leaves it out', async () => {
    expect(
      await mutated('const f = () => { log(1); throw 2; }; try { log(f()) } catch (e) { log("c" + e) }\nlog(3)'),
    ).toEqual([
      'throw remove: 1 undefined 3 / returned undefined',
      'catch rethrow: 1 / thrown 2',
      'catch remove: 1 3 / returned undefined',
    ]);
  });

  test('of a catch clause leaves out its block, or hands the error on to the finally block and further', async () => {
    const body =
      'const f = () => { try { JSON.parse("{") } catch ({ name, ...rest }) { return log(name) } finally { log("f") } };\nreturn f()';
    expect(await mutated(body)).toEqual([
      expect.stringMatching(/^catch rethrow: f \/ thrown Expected/),
      'catch remove: f / returned undefined',
    ]);
  });

  test('of an empty clause hands the error on', async () => {
    expect(await mutated('try { JSON.parse("x") } catch {}')).toEqual([
      expect.stringMatching(/^catch rethrow: {2}\/ thrown /),
    ]);
  });

  test('of a promise handler makes it do nothing, or reject again', async () => {
    expect(await mutated('return await Promise.reject("a").catch((e) => log("b" + e))')).toEqual([
      'promise-catch rethrow:  / thrown "a"',
      'promise-catch remove:  / returned undefined',
      'promise-reject remove:  / returned undefined',
    ]);
    expect(
      await mutated('return await log(Promise.resolve()).then(() => { throw "a" }).then(null, (e) => "b" + e)'),
    ).toEqual([
      'then-rejected rethrow: [object Promise] / thrown "a"',
      'then-rejected remove: [object Promise] / returned undefined',
      'throw remove: [object Promise] / returned undefined',
    ]);
  });

  test('of a reject leaves the promise as it is', async () => {
    const race = 'return await Promise.race([wait, new Promise((resolve) => setTimeout(resolve, 5, "open"))])';
    expect(await mutated(`const wait = new Promise((resolve, reject) => reject("r"));\n${race}`)).toEqual([
      'reject remove:  / returned "open"',
    ]);
    expect(
      await mutated(`const wait = new Promise((resolve, reject) => { setTimeout(reject, 0, "r") });\n${race}`),
    ).toEqual(['reject remove:  / returned "open"']);
    expect(
      await mutated(`const one = Promise.withResolvers(); one?.reject("r"); const wait = one.promise;\n${race}`),
    ).toEqual(['reject remove:  / returned "open"']);
    expect(
      await mutated(`const one = Promise.withResolvers(); one.reject?.("r"); const wait = one.promise;\n${race}`),
    ).toEqual(['reject remove:  / returned "open"']);
  });

  test('of what leaves a finally block lets the error through, and nothing else', async () => {
    expect(
      await mutated('const f = (n) => { try { if (n) JSON.parse("x") } finally { return n } }; log(f(0)); f(1)'),
    ).toEqual([expect.stringMatching(/^finally-return remove: 0 \/ thrown Unexpected/)]);
  });

  test('of a callback goes as if there were no error', async () => {
    const read = 'const read = (done) => { done("bad", "data"); done(null, "more") };';
    expect(await mutated(`${read} read((err, x) => { if (err) return log(err); log(x) })`)).toEqual([
      'error-first remove: data more / returned undefined',
    ]);
    expect(await mutated(`${read} read((err, x) => { if (!err) log(x); else log(err) })`)).toEqual([
      'error-first remove: data more / returned undefined',
    ]);
    expect(await mutated(`${read} read((err, x) => log(err ? "e" : x))`)).toEqual([
      'error-first remove: data more / returned undefined',
    ]);
    expect(await mutated(`${read} read((err) => { err && log(err) })`)).toEqual([
      'error-first remove:  / returned undefined',
    ]);
    expect(await mutated(`${read} read((err) => { log(err || "none") })`)).toEqual([
      'error-first remove: none none / returned undefined',
    ]);
  });

  test('of a listener makes it do nothing, or throw what it is given', async () => {
    expect(
      await mutated(
        'const on = new EventEmitter(); on.on("error", (e) => log(e)); on.emit("error", "x"); log("after")',
      ),
    ).toEqual(['error-event rethrow:  / thrown "x"', 'error-event remove: after / returned undefined']);
  });

  test('of a result, or of a failed action, leaves undefined in its place', async () => {
    expect(await mutated('const r = err("x"); log(r?.why); log(core.setFailed("y")); return { ok: false }')).toEqual([
      'result remove: undefined failed: y / returned {"ok":false}',
      'set-failed remove: x undefined / returned {"ok":false}',
      'result remove: x failed: y / returned undefined',
    ]);
  });
});

describe('a path counts', () => {
  const hits = async (body: string) => {
    await woven(body);
    return programs.seen();
  };

  test('each time it is executed, and not when it is only there', async () => {
    const body = `for (let n = 0; n < 5; n += 1)
      try { if (n > 1) throw n }
      catch (e) { log(e) }
    const never = () => { throw 1 }
    Promise.resolve(1).catch(() => 2)`;
    expect((await hits(body)).hits).toEqual({ 'throw@2': 3, 'catch@3': 3 });
  });

  test('behind a question mark only where there is something', async () => {
    const body = `const waiting = new Map([[1, Promise.withResolvers()]]); waiting.get(1).promise.catch(() => log('told'));
    for (const id of [1, 2, 3]) waiting.get(id)?.reject(new Error('closed'))
    const core = undefined
    core?.setFailed('never')`;
    expect((await hits(body)).hits).toEqual({ 'promise-catch@1': 1, 'reject@2': 1 });
  });

  test('in a callback only when an error is given', async () => {
    const body = `const read = (done) => { done(null, 1); done(undefined, 2) }
    read((err, x) => { if (err) log(x) })
    read((err, x) => { if (!err) log(x) })
    read((error, x) => { log(x) })
    const bad = (done) => done('bad', 1)
    bad((err, x) => { if (err) log(x) })
    bad((error, x) => { log(x) })`;
    expect(await hits(body)).toEqual({ hits: { 'error-first@6': 1, 'error-first@7': 1 }, swallowed: ['bad'] });
  });

  test('and tells of an error that is swallowed, once', async () => {
    const body = `for (const n of [1, 2]) try { throw new TypeError('of ' + n) } catch {}
    void Promise.reject(new Error('b')).catch(() => {})
    const emitter = new EventEmitter()
    emitter.on('error', () => {})
    emitter.emit('error', 'c')
    const f = () => { try { throw 'd' } finally { return } }
    const g = () => { try { log(1) } finally { return } }
    f(); g()
    await null`;
    expect((await hits(body)).swallowed.sort()).toEqual(['Error: b', 'TypeError: of 1', 'c', 'd']);
  });
});

/** Statements of a small language; `loop` says that there is one around. */
function statements(depth: number, loop: boolean): fc.Arbitrary<string> {
  const number = fc.integer({ min: 0, max: 9 });
  const leaves: fc.Arbitrary<string>[] = [
    number.map((n) => `log(${n});`),
    number.map((n) => `throw ${n};`),
    number.map((n) => `return ${n};`),
    number.map((n) => `log(await Promise.reject(${n}).catch((e) => { if (next()) throw e; return e }));`),
    fc.constant('await null;'),
  ];
  if (loop) leaves.push(fc.constantFrom('break;', 'continue;', 'continue outer;', 'break outer;'));
  if (depth === 0) return fc.oneof(...leaves);
  const inner = statements(depth - 1, loop);
  const block = fc.array(inner, { maxLength: 3 }).map((list) => `{ ${list.join(' ')} }`);
  const clause = fc
    .tuple(fc.constantFrom('catch (e)', 'catch', 'catch ({ length = log("p") })'), block)
    .map((parts) => parts.join(' '));
  const ending = block.map((text) => `finally ${text}`);
  return fc.oneof(
    { depthSize: 'small' },
    ...leaves,
    fc
      .tuple(
        block,
        fc.oneof(
          clause,
          ending,
          fc.tuple(clause, ending).map((parts) => parts.join(' ')),
        ),
      )
      .map(([of, rest]) => `try ${of} ${rest}`),
    fc.tuple(inner, inner).map(([yes, no]) => `if (next()) ${yes} else ${no}`),
    inner.map((yes) => `if (next()) ${yes}`),
    statements(depth - 1, true).map((body) => `for (const i of [1, 2]) ${body}`),
    block,
  );
}

test('whatever stands within whatever, counters change nothing, and each mutant still runs', async () => {
  const program = fc.tuple(
    fc.array(statements(4, true), { minLength: 1, maxLength: 5 }),
    fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
  );
  await fc.assert(
    fc.asyncProperty(program, async ([list, tape]) => {
      const body = `outer: for (const o of [1, 2]) {\n${list.join('\n')}\n}`;
      let at = 0;
      const next = () => tape[at++ % tape.length];
      const from = (run: () => Promise<unknown>) => {
        at = 0;
        return run();
      };
      const expected = await from(() => programs.plain(body, { next }));
      expect(await from(() => programs.woven(body, undefined, { next }))).toEqual(expected);
      for (const mutant of mutantsOf(body).slice(0, 3)) {
        const { thrown } = (await from(() => programs.woven(body, mutant, { next }))) as { thrown?: unknown };
        expect(thrown).not.toBeInstanceOf(Error);
      }
    }),
    { numRuns: 300, seed: 7 },
  );
});
