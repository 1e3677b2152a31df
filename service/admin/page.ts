import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { ModelReport } from '../../pipelines/core/report.ts';
import { figuresOf } from './figures.ts';
import { type Headline, headlineOf } from './headline.ts';
import { armsTable, marksTable } from './tables.ts';

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** What the manager's page shows of one model. */
export interface AdminPage {
  model?: string | undefined;
  /** All models to choose from. */
  models: readonly string[];
  report?: ModelReport | undefined;
  /** Why there is no report to show. */
  problem?: { message: string; hint: string } | undefined;
  /** The version that answers requests now, and whether that is the champion. */
  serving?: string | undefined;
  championServed: boolean;
}

/** The page; the script replaces what is marked `data-live` by its newer self every few seconds. */
export function adminPage(page: AdminPage): Html {
  const { model, report } = page;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${model === undefined ? 'Cleaver' : `${model} – Cleaver`}</title>
        <link rel="icon" href="/assets/icon.svg" />
        <link rel="stylesheet" href="/assets/uplot.css" />
        <link rel="stylesheet" href="/assets/admin.css" />
        <script defer src="/assets/uplot.js"></script>
        <script type="module" src="/assets/admin.js"></script>
      </head>
      <body data-model="${model ?? ''}">
        <header class="top">
          <a class="brand" href="/admin">Cleaver</a>
          ${modelChoice(page)}
          <p class="status" id="status" data-live>${servingStatus(page)}</p>
        </header>
        <main>
          <section id="summary" data-live>${report === undefined ? noReport(page) : summary(report)}</section>
          <section id="figures" data-live>${report === undefined ? '' : figures(report)}</section>
          <section id="charts" hidden>
            ${chart('rates', 'Predicted and actual', 'Share of customers that were predicted to act, and share that did.')}
            ${chart('auc', 'How well it ranks', 'AUC: 1 ranks every customer right, 0.5 is a coin toss.')}
          </section>
          <section id="arms" data-live>
            ${report?.experiment ? armsTable(report.experiment, report.valueUnit) : ''}
          </section>
          <section id="marks" data-live>${report === undefined ? '' : marksTable(report.marks)}</section>
        </main>
        <footer>
          <p id="connection" role="status" hidden>The service does not answer; trying again.</p>
          <p>
            ${model === undefined || report === undefined ? '' : html`<a href="/reports/${model}">Data as JSON</a>`}
            <a href="/readyz">State of the service</a> <a href="/metrics">Metrics</a>
          </p>
        </footer>
      </body>
    </html>`;
}

function modelChoice({ model, models }: AdminPage): Html | '' {
  if (models.length < 2) return '';
  const links = models.map(
    (name) => html`<a href="/admin/${name}" ${name === model ? 'aria-current=page' : ''}>${name}</a>`,
  );
  return html`<nav aria-label="Models">${links}</nav>`;
}

function servingStatus({ model, serving, championServed }: AdminPage): Html | '' {
  if (model === undefined) return '';
  const text = serving === undefined ? 'No version answers requests' : `${serving} answers requests`;
  const problem = championServed || serving === undefined ? '' : ', as its successor does not load';
  return html`<a href="/readyz"><span class="dot ${championServed ? 'good' : 'bad'}"></span>${text}${problem}</a>`;
}

function summary(report: ModelReport): Html {
  const headline = headlineOf(report);
  return html`<p class="kicker">${report.title} · data up to <time>${report.asOf}</time></p>
    <h1 class="${headline.verdict}">${headline.sentence}</h1>
    <p class="detail">${headline.detail}${unknownDays(report)}</p>`;
}

function unknownDays({ days, maturityDays }: ModelReport): string {
  if (days.length > 0) return '';
  return ` No outcome is known yet: it takes ${maturityDays} days after a prediction. The charts begin then.`;
}

function noReport({ model, problem }: AdminPage): Html {
  const none: Headline = { verdict: 'none', sentence: 'There is no report yet.', detail: '' };
  return html`<h1 class="${none.verdict}">${problem?.message ?? none.sentence}</h1>
    <p class="detail">
      ${
        problem?.hint ??
        html`It is written when the loop runs; once customers have had time to act, it says whether the model paid. To
          run it now: <code>npx cleaver loop${model === undefined ? '' : ` --model ${model}`}</code>`
      }
    </p>`;
}

function figures(report: ModelReport): Html {
  const cards = figuresOf(report).map(
    ({ label, value, note }) =>
      html`<div>
        <dt>${label}</dt>
        <dd class="value">${value}</dd>
        <dd class="note">${note}</dd>
      </div>`,
  );
  return html`<dl class="figures">${cards}</dl>`;
}

function chart(id: string, title: string, caption: string): Html {
  return html`<figure>
    <figcaption>
      <h2>${title}</h2>
      <p>${caption}</p>
    </figcaption>
    <div class="chart" id="chart-${id}" role="img" aria-label="${title}, per day"></div>
  </figure>`;
}
