import ts from 'typescript';
import { bare, callSite, expressionSite, type Site } from './site.ts';

/** What an error is returned by where it is not thrown: a callee's text, or properties with their texts. */
export interface ResultShape {
  callee?: string;
  properties?: Readonly<Record<string, string>>;
}

/** Reads the configuration: `err` or `Result.err` for calls, `{ ok: false }` for object literals. */
export function parseResultShape(text: string): ResultShape {
  const node = ts.createSourceFile('shape.ts', `(${text})`, ts.ScriptTarget.Latest, true).statements[0];
  const inner = node !== undefined && ts.isExpressionStatement(node) ? bare(node.expression) : undefined;
  if (inner === undefined || !ts.isObjectLiteralExpression(inner)) return { callee: text.trim() };
  return { properties: propertiesOf(inner) };
}

/** An error returned as a value. */
export function resultSite(node: ts.Node, shapes: readonly ResultShape[]): Site | undefined {
  if (shapes.length === 0) return undefined;
  if (ts.isCallExpression(node)) {
    const callee = node.expression.getText();
    return shapes.some((shape) => shape.callee === callee) ? callSite('result', node) : undefined;
  }
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  const has = propertiesOf(node);
  const fits = shapes.some(
    ({ properties }) =>
      properties !== undefined && Object.entries(properties).every(([name, value]) => has[name] === value),
  );
  return fits ? expressionSite('result', node) : undefined;
}

function propertiesOf(node: ts.ObjectLiteralExpression): Record<string, string> {
  return Object.fromEntries(
    node.properties
      .filter(ts.isPropertyAssignment)
      .map(({ name, initializer }) => [
        ts.isStringLiteral(name) ? name.text : name.getText(),
        bare(initializer).getText(),
      ]),
  );
}
