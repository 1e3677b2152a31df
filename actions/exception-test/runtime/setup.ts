import path from 'node:path';
import { expect, inject } from 'vitest';
import { followChildren } from './children.ts';
import { observeTests } from './observe-tests.ts';
import { ORDERS, type RunOrders } from './orders.ts';
import { installRuntime } from './runtime.ts';
import { readSession, testKey, type Session } from './session.ts';
import { tryFaultsIn } from './try-faults-in.ts';
import { tryMutantIn } from './try-mutant-in.ts';

// A setup file: vitest runs it before each test file, in the same process.

const orders = inject(ORDERS);
const session = orders === undefined ? undefined : readSession(orders.session);
if (orders !== undefined && session !== undefined) begin(orders, session);

function begin(orders: RunOrders, session: Session): void {
  const { project } = orders;
  const file = path.relative(session.root, expect.getState().testPath ?? session.root).replaceAll(path.sep, '/');
  const errand = { test: testKey(project, file, ''), mutant: orders.mutants[file] };
  const fault = orders.faults?.[file];
  if (fault !== undefined) {
    tryFaultsIn({ session, errand, fault, calls: orders.faultCalls ?? [], limitMs: orders.limitsMs[file] });
    return;
  }
  const runtime = installRuntime(session, errand);
  const children = followChildren(orders.session, runtime.errand);
  const of = (name: string) => testKey(project, file, name);
  if (errand.mutant === undefined) observeTests(runtime, session.root, of);
  else
    tryMutantIn({ runtime, root: session.root, of, children, mutant: errand.mutant, limitMs: orders.limitsMs[file] });
}
