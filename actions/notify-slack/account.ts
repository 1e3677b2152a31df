import { z } from 'zod';
import { type Event, type Facts, isTurnedDown, type Needs } from './facts.ts';
import { parseJson } from './parse-json.ts';

/** Beyond these, what broke is named only. */
const MAX_BROKEN = 5;

/** What is told about an event, in plain words; how Slack writes it is the business of message.ts. */
export interface Account {
  headline: string;
  details: Detail[];
  fields: Field[];
  links: { text: string; url: string }[];
  footnote?: string | undefined;
}

export interface Detail {
  lead: string;
  lines?: string[];
  /** An error as its step gave it: code, what and why, what to do. */
  error?: string;
}

export interface Field {
  name: string;
  text: string;
  url?: string;
}

/** Tells what broke, what the gate refused or who is champion now, of which run. */
export function accountOf(facts: Facts): Account {
  const { event, needs, run } = facts;
  const skipped = Object.keys(needs).filter((name) => needs[name]?.result === 'skipped');
  const report = needs['report']?.outputs['url'];
  return {
    headline: `${signOf(facts)} ${facts.title ?? headlineOf(facts)}`,
    details: event === 'failure' ? whatBroke(needs) : event === 'start' ? [] : judgementOf(needs, event),
    fields: [...(event === 'start' || event === 'failure' ? [] : figuresOf(needs, event)), ...circumstances(facts)],
    links: [
      { text: 'Open the run', url: run.url },
      ...(report !== undefined && isShortUrl(report) ? [{ text: 'Read the report', url: report }] : []),
    ],
    footnote: event === 'failure' && skipped.length > 0 ? `Not run: ${skipped.join(', ')}` : undefined,
  };
}

function signOf({ event, needs }: Facts): string {
  if (event === 'failure' && wasCancelled(needs)) return '⏹️';
  return { start: '▶️', success: '✅', failure: '❌', refused: '✋' }[event];
}

function headlineOf({ event, needs, model, run }: Facts): string {
  const subject = model === undefined ? run.workflow : `${run.workflow}, ${model}`;
  const champion = championIn(needs);
  if (event === 'success' && champion !== undefined) return `${subject}: ${champion} is the champion`;
  if (event === 'refused') return `${subject}: ${needs['evaluate']?.outputs['version'] ?? 'the challenger'} is refused`;
  if (event === 'failure') return `${subject} ${wasCancelled(needs) ? 'was cancelled' : 'failed'}`;
  return `${subject} ${event === 'start' ? 'started' : 'succeeded'}`;
}

function wasCancelled(needs: Needs): boolean {
  const results = Object.values(needs).map(({ result }) => result);
  return results.includes('cancelled') && !results.includes('failure');
}

function whatBroke(needs: Needs): Detail[] {
  const broken = Object.entries(needs).filter(([, { result }]) => result === 'failure' || result === 'cancelled');
  if (broken.length === 0) return [{ lead: 'What failed is in the log of the run' }];
  const others = broken.slice(MAX_BROKEN).map(([name]) => name);
  return [
    ...broken.slice(0, MAX_BROKEN).map(([name, { result, outputs }]): Detail => {
      const lead = `${name} ${result === 'failure' ? 'failed' : 'was cancelled'}`;
      if (outputs['error'] !== undefined) return { lead, error: outputs['error'] };
      return result === 'failure' ? { lead: `${lead}; the log of the run says why` } : { lead };
    }),
    ...(others.length > 0 ? [{ lead: `Broken too: ${others.join(', ')}` }] : []),
  ];
}

function judgementOf(needs: Needs, event: Event): Detail[] {
  const { outcome, reasons } = needs['evaluate']?.outputs ?? {};
  if (reasons === undefined) return [];
  const lines = linesOf(reasons);
  if (isTurnedDown(needs)) {
    const { verdict = '', reason = 'the log of the run says why' } = needs['rollout']?.outputs ?? {};
    return [
      { lead: `On live requests it was ${verdict}`, lines: [reason] },
      { lead: 'What the gate had said', lines },
    ];
  }
  if (event === 'refused') return [{ lead: 'Why the gate refused', lines }];
  return [{ lead: outcome === 'insufficient-data' ? 'Nothing was judged' : 'What the gate says', lines }];
}

function figuresOf(needs: Needs, event: Event): Field[] {
  const { version, champion: former, gain } = needs['evaluate']?.outputs ?? {};
  const champion = championIn(needs);
  const fields: Field[] = [];
  if (event === 'refused') {
    if (version !== undefined) fields.push({ name: 'Challenger', text: version });
    fields.push({ name: 'Champion', text: former === undefined ? 'none yet' : `${former} stays` });
  } else if (champion !== undefined) {
    const before = former === undefined || former === champion ? '' : `, before it ${former}`;
    fields.push({ name: 'Champion', text: champion + before });
  }
  if (gain !== undefined) fields.push({ name: 'AUC gain', text: gainOf(gain) });
  return fields;
}

function circumstances({ model, at, run }: Facts): Field[] {
  const { sha, branch, url } = run.commit;
  return [
    { name: 'Workflow', text: run.workflow },
    ...(model === undefined ? [] : [{ name: 'Model', text: model }]),
    { name: 'Repository', text: run.repository },
    { name: 'Commit', text: `${sha.slice(0, 8)}${branch === '' ? '' : ` on ${branch}`}`, url },
    { name: 'Started by', text: run.startedBy },
    { name: 'At', text: `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC` },
    ...(run.attempt > 1 ? [{ name: 'Attempt', text: String(run.attempt) }] : []),
  ];
}

function isShortUrl(url: string): boolean {
  return /^https?:/.test(url) && URL.canParse(url) && new URL(url).href.length < 500;
}

/** The champion that this run has made. */
function championIn(needs: Needs): string | undefined {
  const promote = needs['promote'];
  return promote?.result === 'success' ? promote.outputs['champion'] : undefined;
}

/** The reasons as `evaluate` hands them on: a JSON list; anything else is shown as it stands. */
function linesOf(reasons: string): string[] {
  const parsed = z.array(z.string()).safeParse(parseJson(reasons));
  return parsed.success ? parsed.data : [reasons];
}

function gainOf(gain: string): string {
  const value = Number(gain);
  return Number.isFinite(value) ? `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}` : gain;
}
