import type { RouteConfig, RouteConfigToTypedResponse } from '@hono/zod-openapi';
import type { Hono, TypedResponse } from 'hono';
import { hc } from 'hono/client';
import type { BlankEnv, ToSchema } from 'hono/types';
import type { z } from 'zod';
import type * as routes from './openapi/routes.ts';
import type * as v2Routes from './openapi/v2-routes.ts';

type Routes = typeof routes & typeof v2Routes;

/** `/predict/{model}` as Hono writes it. */
type HonoPath<Path extends string> = Path extends `${infer Start}{${infer Name}}${infer Rest}`
  ? `${Start}:${Name}${HonoPath<Rest>}`
  : Path;

type ParametersOf<Route> = Route extends { request: { params: infer Schema extends z.ZodType } }
  ? { param: z.input<Schema> }
  : object;

type BodyOf<Route> = Route extends {
  request: { body: { content: { 'application/json': { schema: infer Schema extends z.ZodType } } } };
}
  ? { json: z.input<Schema> }
  : object;

/** Those with a body of JSON or text; the others are not read. */
type AnswersOf<Route extends RouteConfig> = Exclude<
  RouteConfigToTypedResponse<Route>,
  Response | TypedResponse<unknown, 408, string>
>;

interface Sent<Route> {
  in: ParametersOf<Route> & BodyOf<Route>;
}

type SchemaOf<Route extends RouteConfig> = ToSchema<
  Route['method'],
  HonoPath<Route['path']>,
  Sent<Route>,
  AnswersOf<Route>
>;

type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

type ApiSchema = Intersection<{ [Name in keyof Routes]: SchemaOf<Routes[Name]> }[keyof Routes]>;

/** The service's addresses with what they take and answer, as Hono's client reads them; made from the zod schemas. */
export type ServiceApi = Hono<BlankEnv, ApiSchema>;

export interface ServiceClientOptions {
  /** The API key, where the service asks for one. */
  key?: string;
  /** In place of the global one. */
  fetch?: typeof fetch;
}

/**
 * A client of a service at `url`, such as `http://localhost:8080`: `client.predict[':model'].$post({ param: { model:
 * 'shop' }, json: { row } })`. Answers are not thrown: look at `ok` or `status` first, and the type of `json()` follows.
 */
export function serviceClient(url: string, { key, ...options }: ServiceClientOptions = {}) {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return hc<ServiceApi>(url, { ...options, headers });
}
