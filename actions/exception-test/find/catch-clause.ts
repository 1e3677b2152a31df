import type MagicString from 'magic-string';
import ts from 'typescript';
import type { Mutation } from '../result.ts';
import { givesUndefined, RUNTIME, throwsOnly, type Site } from './site.ts';

/** A catch clause, an empty one too. */
export function catchSite(node: ts.CatchClause): Site {
  const { statements } = node.block;
  const swallows = statements.every(ts.isEmptyStatement);
  const mutations: Mutation[] = [];
  // `catch (error) { throw error; }`: to hand the error on is what it does anyway.
  if (!throwsOnly(node.block, node.variableDeclaration?.name)) mutations.push('rethrow');
  if (!fallsThroughTheSame(node)) mutations.push('remove');
  return {
    kind: 'catch',
    node,
    mutations,
    swallows,
    weave: (code, id) => {
      weave(code, node, id, swallows);
    },
  };
}

function weave(code: MagicString, { variableDeclaration, block }: ts.CatchClause, id: string, swallows: boolean): void {
  const name = variableDeclaration?.name;
  const caught = name !== undefined && ts.isIdentifier(name) ? name.text : 'caught$';
  const [inner, end] = [block.getStart() + 1, block.getEnd() - 1];
  // In `{}` both ends are one place.
  const close = inner === end ? '}' : '';
  const head = `if(${RUNTIME}.caught(${id},${caught},${swallows ? 1 : 0})){`;
  if (name === undefined || variableDeclaration === undefined || ts.isIdentifier(name)) {
    if (name === undefined) code.appendLeft(block.getStart(), `(${caught})`);
    code.appendLeft(inner, head + close);
  } else {
    // The pattern goes into the block, with what is woven into its defaults.
    const [from, to] = [variableDeclaration.getStart(), variableDeclaration.getEnd()];
    code.appendLeft(from, caught);
    code.appendLeft(inner, `${head}let `);
    code.move(from, to, inner);
    code.appendLeft(to, `=${caught};${close}`);
  }
  if (inner !== end) code.prependLeft(end, '}');
}

/** Nothing is in the block, or what leaves it for where its end leads anyway. */
function fallsThroughTheSame({ block, parent }: ts.CatchClause): boolean {
  if (block.statements.every(ts.isEmptyStatement)) return true;
  const [only, second] = block.statements;
  if (only === undefined || second !== undefined || parent.finallyBlock !== undefined) return false;
  const around = parent.parent;
  if (!ts.isBlock(around) || around.statements.at(-1) !== parent) return false;
  if (ts.isContinueStatement(only)) return only.label === undefined && ts.isIterationStatement(around.parent, false);
  return givesUndefined(only) && ts.isFunctionLike(around.parent);
}
