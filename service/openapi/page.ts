import { html } from 'hono/html';
import type { Html } from '../admin/page.ts';
import type { OpenApiDocument } from './document.ts';
import { marked, type Schema, schemaLink, schemaSection } from './schema-table.ts';

interface Media {
  schema?: Schema;
  example?: unknown;
  examples?: Record<string, { value?: unknown }>;
}

type Content = Record<string, Media>;

interface Answer {
  description: string;
  content?: Content;
}

interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  requestBody?: { content: Content };
  responses: Record<string, Answer>;
}

/** What is shown of the document. */
interface Shown {
  info: { title: string; version: string; description: string };
  tags: { name: string }[];
  paths: Record<string, { get?: Operation; post?: Operation }>;
  components: { schemas: Record<string, Schema> };
}

interface Placed extends Operation {
  method: 'get' | 'post';
  path: string;
}

/** Where the examples of requests go to. */
export interface ExampleAddress {
  origin: string;
  model: string;
  version: string;
}

/**
 * The document as a page without scripts, under the same content security policy as the manager's page. (The usual
 * viewers are megabytes and want styles and scripts inline.)
 */
export function docsPage(document: OpenApiDocument, address: ExampleAddress): Html {
  const { info, tags, paths, components } = document as unknown as Shown;
  const operations = Object.entries(paths).flatMap(([path, { get, post }]) => [
    ...(get === undefined ? [] : [{ ...get, method: 'get' as const, path }]),
    ...(post === undefined ? [] : [{ ...post, method: 'post' as const, path }]),
  ]);
  const groups = tags.map(({ name }) => ({ name, operations: operations.filter((each) => each.tags.includes(name)) }));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>API – ${info.title}</title>
        <link rel="icon" href="/assets/icon.svg" />
        <link rel="stylesheet" href="/assets/admin.css" />
        <link rel="stylesheet" href="/docs/docs.css" />
      </head>
      <body>
        <header class="top">
          <a class="brand" href="/admin">${info.title}</a>
          <p class="status">${info.version} · <a href="/openapi.json">OpenAPI document</a></p>
        </header>
        <main>
          <div id="intro">
            <h1>API</h1>
            <div class="detail">${marked(info.description)}</div>
          </div>
          <nav class="toc" aria-label="Addresses">${groups.flatMap((group) => group.operations.map(tocLine))}</nav>
          <div id="operations">
            ${groups.map(
              (group) =>
                html`<h2 class="group">${group.name}</h2>
                  ${group.operations.map((operation) => operationSection(operation, address))}`,
            )}
          </div>
          <div id="schemas">
            <h2 class="group">Schemas</h2>
            ${Object.entries(components.schemas).map(([name, schema]) => schemaSection(name, schema))}
          </div>
        </main>
      </body>
    </html>`;
}

function tocLine({ method, path, operationId }: Placed): Html {
  return html`<a href="#${operationId}"
    ><code><span class="method ${method}">${method.toUpperCase()}</span> ${path}</code></a
  >`;
}

function operationSection(operation: Placed, address: ExampleAddress): Html {
  const { method, path, operationId, summary, description, requestBody } = operation;
  const { content = {} } = requestBody ?? {};
  const taken = content['application/json'];
  return html`<section id="${operationId}">
    <h3>
      <code><span class="method ${method}">${method.toUpperCase()}</span> ${path}</code>
    </h3>
    <p>${summary}</p>
    ${description === undefined ? '' : marked(description)}
    <pre><code>${curl(operation, taken, address)}</code></pre>
    ${taken?.schema === undefined ? '' : html`<p>Takes ${schemaLink(taken.schema)}</p>`}
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Answer</th>
            <th scope="col">When</th>
            <th scope="col">Body</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(operation.responses).map(([status, answer]) => answerRow(status, answer))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function answerRow(status: string, { description, content = {} }: Answer): Html {
  const schema = content['application/json']?.schema;
  return html`<tr>
    <th scope="row">${status}</th>
    <td>${marked(description)}</td>
    <td>${schema === undefined ? Object.keys(content).join(', ') : schemaLink(schema)}</td>
  </tr>`;
}

function curl({ method, path }: Placed, media: Media | undefined, { origin, model, version }: ExampleAddress): string {
  const command = `curl ${origin}${path.replace('{model}', model).replace('{version}', version)}`;
  if (method === 'get') return command;
  const shown = media?.examples?.[model] ?? media?.examples?.['one'] ?? { value: media?.example };
  return `${command} -d '${JSON.stringify(shown.value).replaceAll("'", String.raw`'\''`)}'`;
}
