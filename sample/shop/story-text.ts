import type { LoopResult } from '../../pipelines/steps/loop.ts';

/** What is worth telling of one turn of the loop, a line each; nothing on an ordinary day. */
export function describeTurn(turn: LoopResult): string[] {
  const { asOf, watch, drift, train, evaluate, promote, deliver } = turn;
  const lines: string[] = [];
  if (drift) lines.push(`drift noticed: ${drift.text}`);
  if (train) {
    const auc = train.metrics['valid_auc'];
    const figures = auc === undefined ? '' : `, AUC ${auc.toFixed(3)} on its own valid rows`;
    lines.push(
      `${watch.reason} → ${train.version} trained on ${train.rows} rows of ${train.window.from} to ${train.window.to}${figures}`,
    );
  }
  if (evaluate) lines.push(`gate: ${evaluate.challengerVersion} ${evaluate.decision}. ${evaluate.reasons.join('; ')}`);
  if (promote && deliver) {
    const place = promote.former === undefined ? 'is the first champion' : `takes the place of ${promote.former}`;
    lines.push(
      `${promote.champion} ${place}; ${deliver.files} customers scored into files and table, the service loads it by itself`,
    );
  }
  return lines.map((line) => `${asOf}  ${line}`);
}
