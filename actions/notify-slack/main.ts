import { z } from 'zod';
import { input } from '../inputs.ts';
import { defineAction, runAction } from '../run-action.ts';
import { fence } from '../summary.ts';
import { type Event, eventOf, needsInput, runFrom } from './facts.ts';
import { slackMessage, type SlackMessage } from './message.ts';
import { sendToChannel } from './web-api.ts';
import { sendToWebhook } from './webhook.ts';

const safeUrl = z.string().refine(isSafeUrl, 'must be an https URL without user and password');

export const action = defineAction({
  inputs: z
    .object({
      'webhook-url': safeUrl.optional(),
      token: input.token,
      channel: z.string().optional(),
      thread: z.string().optional(),
      event: z.enum(['auto', 'start', 'success', 'failure', 'refused']).default('auto'),
      title: z.string().optional(),
      model: input.model,
      needs: needsInput.optional(),
      'api-url': safeUrl.default('https://slack.com/api'),
      'timeout-seconds': z.coerce.number('must be a number of seconds').min(1).max(60).default(60),
    })
    .refine(({ event, needs }) => event !== 'auto' || needs !== undefined, {
      message: 'needs: must be ${{ toJSON(needs) }} where the event is auto',
      // Also beside other problems: all are told at once.
      when: () => true,
    })
    .refine(({ token, channel }) => token === undefined || channel !== undefined, {
      message: 'channel: must be given with a token, e.g. C0123456789',
      when: () => true,
    }),
  secrets: ['webhook-url', 'token'],
  outputs: ['sent', 'thread'],
  mayFail: false,
  async run(inputs, job) {
    // What is not sent breaks no thread.
    job.setOutputs({ sent: false, thread: inputs.thread });
    const { event, needs = {}, title, model } = inputs;
    const kind = event === 'auto' ? eventOf(needs) : event;
    const send = senderOf(inputs, kind);
    if (send === undefined) {
      job.annotate('notice', 'No webhook and no token is configured, nothing was sent.', { title: 'Slack' });
      return {};
    }
    // An error or an answer may carry it without its host.
    if (inputs['webhook-url'] !== undefined) job.hide(new URL(inputs['webhook-url']).pathname);
    const message = slackMessage({ event: kind, needs, title, model, at: new Date(), run: runFrom(process.env) });
    // What is not read in Slack is read here.
    job.line(message.text);
    try {
      const thread = await send(message);
      job.line('Slack took the message.');
      return { sent: true, thread };
    } catch (error) {
      job.summarize(`What Slack was to be told:\n\n${fence(message.text)}\n`);
      throw error;
    }
  },
});

type Inputs = z.output<typeof action.inputs>;
/** Answers the thread, where there is one. */
type Sender = (message: SlackMessage) => Promise<string | undefined>;

/** By the token where there is one, else by the webhook. */
function senderOf(inputs: Inputs, event: Event): Sender | undefined {
  const { token, channel, thread, 'webhook-url': url, 'api-url': apiUrl } = inputs;
  const totalMs = inputs['timeout-seconds'] * 1000;
  if (token !== undefined && channel !== undefined) {
    // Who follows the channel only is to see what needs a person.
    const place = { thread, broadcast: event === 'failure' || event === 'refused' };
    return (message) => sendToChannel({ apiUrl, token, channel }, message, place, totalMs);
  }
  if (url === undefined) return undefined;
  return async (message) => {
    await sendToWebhook(url, message, totalMs);
    return undefined;
  };
}

/** Plain http is for a server on this machine: the URL is the only key there is. */
function isSafeUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  return (
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
  );
}

if (import.meta.main) await runAction(action);
