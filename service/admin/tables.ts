import { html } from 'hono/html';
import type { ArmComparison, ArmSummary } from '../../pipelines/core/experiment.ts';
import type { ReportMark } from '../../pipelines/core/report.ts';
import { decimalsFor, numberText } from './number-text.ts';
import type { Html } from './page.ts';

const SHOWN_MARKS = 50;

const KINDS: Record<ReportMark['kind'], string> = {
  promoted: 'Promoted',
  refused: 'Refused',
  'insufficient-data': 'Not enough data',
  drift: 'Drift noticed',
};

/** The customers acted on beside those left alone. */
export function armsTable(experiment: ArmComparison, unit: string): Html {
  const { treated, holdout, difference, low, high, confidence, pValue } = experiment;
  const decimals = decimalsFor(high - low);
  const row = (name: string, arm: ArmSummary) =>
    html`<tr>
      <th scope="row">${name}</th>
      <td>${numberText(arm.entities, 0)}</td>
      <td>${numberText(arm.mean, decimals)}</td>
      <td>± ${numberText(Math.sqrt(arm.variance / arm.entities), decimals + 1)}</td>
    </tr>`;
  const interval = `${numberText(low, decimals, true)} to ${numberText(high, decimals, true)}`;
  return html`<h2>The two groups</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col">Customers</th>
            <th scope="col">${unit} each</th>
            <th scope="col">Standard error</th>
          </tr>
        </thead>
        <tbody>
          ${row('Acted on', treated)} ${row('Left alone', holdout)}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Difference</th>
            <td></td>
            <td>${numberText(difference, decimals, true)}</td>
            <td>${interval}</td>
          </tr>
        </tfoot>
      </table>
    </div>
    <p class="fine">
      Who belongs to which group is drawn by lot. Interval at ${numberText(confidence * 100, 0)}&nbsp;%, Welch’s t test,
      p ${pValue < 0.001 ? '< 0.001' : `= ${numberText(pValue, 3)}`}. It holds for one look at a time fixed before; who
      looks every day and stops at the first good one will be too sure.
    </p>`;
}

/** What happened to the model, newest first. */
export function marksTable(marks: readonly ReportMark[]): Html {
  const rows = marks.toReversed().sort((a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0));
  const older = rows.length - SHOWN_MARKS;
  return html`<h2>What happened</h2>
    ${
      rows.length === 0
        ? html`<p class="fine">Nothing yet.</p>`
        : html`<ol class="marks">
            ${rows.slice(0, SHOWN_MARKS).map(markRow)}
          </ol>`
    }
    ${older > 0 ? html`<p class="fine">${older} older ones are in the JSON.</p>` : ''}`;
}

function markRow({ day, kind, text }: ReportMark): Html {
  return html`<li><time>${day}</time> <span class="kind ${kind}">${KINDS[kind]}</span> <span>${text}</span></li>`;
}
