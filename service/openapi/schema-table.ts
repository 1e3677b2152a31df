import { html } from 'hono/html';
import type { Html } from '../admin/page.ts';

/** What is shown of a schema; a reference is one with `$ref` alone. */
export interface Schema {
  $ref?: string;
  description?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  maximum?: number;
}

/** What a schema of the document is, with a table of its properties. */
export function schemaSection(name: string, schema: Schema): Html {
  return html`<section id="schema-${name}">
    <h3><code>${name}</code></h3>
    ${schemaBody(schema)}
  </section>`;
}

/** A schema in a few words, with links to those that it names. */
export function schemaLink(schema: Schema): Html | string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return html`<a href="#schema-${name}"><code>${name}</code></a>`;
  }
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  const forms = schema.anyOf ?? (schema.properties === undefined ? schema.oneOf : undefined);
  if (forms !== undefined)
    return html`${forms.map((form, index) => html`${index === 0 ? '' : ' or '}${schemaLink(form)}`)}`;
  if (schema.items !== undefined) return html`list of ${schemaLink(schema.items)}`;
  const { properties } = schema;
  if (properties !== undefined) return html`{ ${Object.keys(properties).join(', ')} }`;
  return typesText(schema);
}

/** Text with `code` in it, a paragraph for each line. */
export function marked(text = ''): Html {
  return html`${text
    .split('\n')
    .filter((line) => line !== '')
    .map(
      (line) =>
        html`<p>${line.split('`').map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}</p>`,
    )}`;
}

function schemaBody(schema: Schema): Html {
  if (schema.oneOf !== undefined && schema.properties === undefined) return html`${schema.oneOf.map(schemaBody)}`;
  const { properties, description, required = [] } = schema;
  if (properties === undefined)
    return html`${marked(description)}
      <p>${schemaLink(schema)}</p>`;
  return html`${marked(description)}
    <div class="scroll">
      <table>
        <tbody>
          ${Object.entries(properties).map(([name, property]) => propertyRow(name, property, required))}
        </tbody>
      </table>
    </div>`;
}

function propertyRow(name: string, property: Schema, required: readonly string[]): Html {
  const optional = required.includes(name) ? '' : 'optional';
  return html`<tr>
    <th scope="row"><code>${name}</code></th>
    <td>${schemaLink(property)}</td>
    <td>${optional}</td>
    <td>${marked(property.description)}</td>
  </tr>`;
}

function typesText({ type, minimum, maximum }: Schema): string {
  const types = Array.isArray(type) ? type.join(' or ') : (type ?? 'anything');
  const least = minimum === undefined ? '' : `, at least ${minimum}`;
  return `${types}${least}${maximum === undefined ? '' : `, at most ${maximum}`}`;
}
