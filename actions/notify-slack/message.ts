import type { KnownBlock, MrkdwnElement, SectionBlock } from '@slack/types';
import { accountOf, type Detail, type Field } from './account.ts';
import type { Facts } from './facts.ts';
import { cutEnd, cutMiddle, escapeText } from './fit-text.ts';

/** Slack's documented limits in characters and pieces; `text` is what it recommends, it refuses ten times as much. */
const LIMITS = { header: 150, section: 3000, fields: 10, field: 2000, text: 4000 } as const;
/** Of all details together. Slack refuses blocks of somewhere over 13,000 in all (slackapi/bolt-js#2509); fields come besides. */
const MAX_DETAILS_LENGTH = 8000;
/** A field is read at a glance. */
const MAX_FIELD_LENGTH = 300;

/** The body of a request to a webhook. */
export interface SlackMessage {
  /** What a notification shows and a screen reader says. */
  text: string;
  blocks: KnownBlock[];
}

/** The message about an event. It keeps Slack's limits whatever the facts are; the link to the run is never cut. */
export function slackMessage(facts: Facts): SlackMessage {
  const { headline, details, fields, links, footnote } = accountOf(facts);
  const header = cutEnd(oneLine(headline), LIMITS.header);
  const room = Math.min(LIMITS.section, Math.floor(MAX_DETAILS_LENGTH / details.length));
  const blocks: KnownBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: header } },
    ...details.map((detail) => sectionOf(detail, room)),
    { type: 'section', fields: fields.slice(0, LIMITS.fields).map(fieldOf) },
    section(links.map(({ text, url }) => linkTo(url, text)).join('  ·  ')),
  ];
  if (footnote !== undefined)
    blocks.push({ type: 'context', elements: [mrkdwn(cutEnd(oneLine(footnote), LIMITS.field))] });
  const told = [header, ...details.map(plainOf)].join('\n');
  const run = `\n${targetOf(facts.run.url)}`;
  return { text: `${cutMiddle(told, LIMITS.text - run.length)}${run}`, blocks };
}

function sectionOf({ lead, lines, error }: Detail, maxLength: number): SectionBlock {
  const head = `*${cutEnd(oneLine(lead).replaceAll('*', ' '), MAX_FIELD_LENGTH)}*`;
  if (error !== undefined) {
    const room = maxLength - head.length - '\n```\n\n```'.length;
    return section(`${head}\n\`\`\`\n${cutMiddle(escapeText(error), room)}\n\`\`\``);
  }
  const list = (lines ?? []).map((line) => `• ${oneLine(line)}`).join('\n');
  return section(list === '' ? head : `${head}\n${cutMiddle(list, maxLength - head.length - 1)}`);
}

function plainOf({ lead, lines = [], error = '' }: Detail): string {
  return [oneLine(lead), ...lines.map(oneLine), escapeText(error)].filter(Boolean).join('\n');
}

function fieldOf({ name, text, url }: Field): MrkdwnElement {
  const value = cutEnd(oneLine(text) || '–', MAX_FIELD_LENGTH);
  return mrkdwn(`*${name}*\n${url === undefined ? value : linkTo(url, value)}`);
}

function section(text: string): SectionBlock {
  return { type: 'section', text: mrkdwn(text) };
}

/** Verbatim: Slack makes no links, channels or people of what a text happens to contain. */
function mrkdwn(text: string): MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** A link whose parts cannot end it. `text` is escaped already. */
function linkTo(url: string, text: string): string {
  return `<${targetOf(url)}|${text.replaceAll('|', '¦')}>`;
}

function targetOf(url: string): string {
  return escapeText(URL.canParse(url) ? new URL(url).href : url).replaceAll('|', '%7C');
}

function oneLine(text: string): string {
  return escapeText(text).replaceAll(/\s+/g, ' ').trim();
}
