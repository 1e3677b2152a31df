import { z } from 'zod';
import { input } from '../inputs.ts';
import { defineAction, runAction } from '../run-action.ts';
import { fence } from '../summary.ts';
import { eventOf, needsInput, runFrom } from './facts.ts';
import { slackMessage } from './message.ts';
import { sendToWebhook } from './webhook.ts';

export const action = defineAction({
  inputs: z
    .object({
      'webhook-url': z.string().refine(isSafeUrl, 'must be an https URL without user and password').optional(),
      event: z.enum(['auto', 'start', 'success', 'failure', 'refused']).default('auto'),
      title: z.string().optional(),
      model: input.model,
      needs: needsInput.optional(),
      'timeout-seconds': z.coerce.number('must be a number of seconds').min(1).max(60).default(60),
    })
    .refine(({ event, needs }) => event !== 'auto' || needs !== undefined, {
      message: 'needs: must be ${{ toJSON(needs) }} where the event is auto',
      // Also beside other problems: all are told at once.
      when: () => true,
    }),
  secrets: ['webhook-url'],
  outputs: ['sent'],
  mayFail: false,
  async run({ event, needs = {}, title, model, ...inputs }, job) {
    const url = inputs['webhook-url'];
    job.setOutputs({ sent: false });
    if (url === undefined) {
      job.annotate('notice', 'No webhook is configured, nothing was sent.', { title: 'Slack' });
      return {};
    }
    // An error or an answer may carry it without its host.
    job.hide(new URL(url).pathname);
    const kind = event === 'auto' ? eventOf(needs) : event;
    const message = slackMessage({ event: kind, needs, title, model, at: new Date(), run: runFrom(process.env) });
    // What is not read in Slack is read here.
    job.line(message.text);
    try {
      await sendToWebhook(url, message, inputs['timeout-seconds'] * 1000);
    } catch (error) {
      job.summarize(`What Slack was to be told:\n\n${fence(message.text)}\n`);
      throw error;
    }
    job.line('Slack took the message.');
    return { sent: true };
  },
});

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
