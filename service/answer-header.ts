import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/**
 * Sets a header of the answer before the handler runs. It goes straight to Node's response where there is one: Hono's own
 * way makes a Headers object for every answer, which @hono/node-server then has to take apart.
 */
export function setAnswerHeader(context: Context, name: string, value: string): void {
  const { outgoing } = bindingsOf(context);
  if (outgoing === undefined) context.header(name, value);
  else outgoing.setHeader(name, value);
}

/** Node's request and response; neither is there in a test or a thread, where an app is called without a server. */
export function bindingsOf(context: Context): Partial<HttpBindings> {
  return (context.env as Partial<HttpBindings> | undefined) ?? {};
}
