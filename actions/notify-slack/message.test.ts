import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitsBroken } from '../../tests/support/slack-limits.ts';
import { checkSlackTypes } from '../../tests/support/slack-types.ts';
import { eventOf, needsInput, runFrom, type Event, type Facts, type Needs } from './facts.ts';
import { slackMessage, type SlackMessage } from './message.ts';

const ENVIRONMENT = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'owner/shop',
  GITHUB_RUN_ID: '1234',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_WORKFLOW: 'retrain',
  GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
  GITHUB_REF_NAME: 'main',
  GITHUB_ACTOR: 'octocat',
  GITHUB_EVENT_NAME: 'push',
};
const RUN_URL = 'https://github.com/owner/shop/actions/runs/1234';

function facts(event: Event, needs: Needs = {}, change: Partial<Facts> = {}): Facts {
  return { event, needs, model: 'shop', at: new Date('2026-03-04T05:06:07Z'), run: runFrom(ENVIRONMENT), ...change };
}

const evaluated = (outputs: Record<string, string>) => ({ evaluate: { result: 'success', outputs } });

/** Every text of the blocks, from the top. */
function textsOf({ blocks }: SlackMessage): string[] {
  return blocks.flatMap((block) => {
    if (block.type === 'header') return [block.text.text];
    if (block.type === 'section') return [block.text, ...(block.fields ?? [])].flatMap((part) => part?.text ?? []);
    return block.type === 'context' ? block.elements.map((part) => ('text' in part ? part.text : '')) : [];
  });
}

function seen(of: Facts): string {
  return textsOf(slackMessage(of)).join('\n');
}

describe('the event', () => {
  const ok = { result: 'success', outputs: {} };

  test('is a failure when anything failed or was cancelled, whatever the gate said', () => {
    for (const result of ['failure', 'cancelled']) {
      expect(eventOf({ ...evaluated({ outcome: 'refused' }), deliver: { result, outputs: {} } })).toBe('failure');
    }
  });

  test('is refused when the gate refused', () => {
    expect(eventOf({ train: ok, ...evaluated({ outcome: 'refused' }) })).toBe('refused');
  });

  test('is a success else, with what was skipped', () => {
    expect(eventOf({ train: ok, promote: { result: 'skipped', outputs: {} } })).toBe('success');
  });
});

test('what came of jobs is read, and what came of steps; an output that was not set is none', () => {
  const jobs = { train: { result: 'failure', outputs: { error: 'E', version: '' } }, etl: { result: 'success' } };
  expect(needsInput.parse(JSON.stringify(jobs))).toEqual({
    train: { result: 'failure', outputs: { error: 'E' } },
    etl: { result: 'success', outputs: {} },
  });
  const steps = { etl: { outcome: 'failure', conclusion: 'failure', outputs: { error: 'E' } } };
  expect(needsInput.parse(JSON.stringify(steps))).toEqual({ etl: { result: 'failure', outputs: { error: 'E' } } });
});

describe('the message', () => {
  test('about a failure says which job, its error, what did not run, the commit, who and the run', () => {
    const needs = {
      etl: { result: 'success', outputs: {} },
      train: { result: 'failure', outputs: { error: 'TRAINER_CRASHED: it ended with 1\nWhat to do: look at the log' } },
      evaluate: { result: 'skipped', outputs: {} },
    };
    expect(textsOf(slackMessage(facts('failure', needs)))).toEqual([
      '❌ retrain, shop failed',
      '*train failed*\n```\nTRAINER_CRASHED: it ended with 1\nWhat to do: look at the log\n```',
      '*Workflow*\nretrain',
      '*Model*\nshop',
      '*Repository*\nowner/shop',
      `*Commit*\n<https://github.com/owner/shop/commit/${ENVIRONMENT.GITHUB_SHA}|01234567 on main>`,
      '*Started by*\noctocat (push)',
      '*At*\n2026-03-04 05:06 UTC',
      `<${RUN_URL}|Open the run>`,
      'Not run: evaluate',
    ]);
  });

  test('about a success names the champion, its gain and the gate’s reasons', () => {
    const needs = {
      ...evaluated({
        outcome: 'promoted',
        version: 'v7',
        champion: 'v5',
        gain: '0.0123',
        reasons: '["AUC +0.012","so"]',
      }),
      promote: { result: 'success', outputs: { champion: 'v7' } },
      report: { result: 'success', outputs: { url: 'https://github.com/owner/shop/issues/3' } },
    };
    const { text } = slackMessage(facts('success', needs));
    expect(text).toBe(`✅ retrain, shop: v7 is the champion\nWhat the gate says\nAUC +0.012\nso\n${RUN_URL}`);
    const told = seen(facts('success', needs));
    expect(told).toContain('*Champion*\nv7, before it v5');
    expect(told).toContain('*AUC gain*\n+0.0123');
    expect(told).toContain('<https://github.com/owner/shop/issues/3|Read the report>');
  });

  test('about a refused challenger gives the reasons, and says that the champion stays', () => {
    const needs = evaluated({
      outcome: 'refused',
      version: 'v8',
      champion: 'v7',
      gain: '-0.002',
      reasons: '["not better"]',
    });
    const told = seen(facts('refused', needs));
    expect(told).toContain('retrain, shop: v8 is refused');
    expect(told).toContain('*Why the gate refused*\n• not better');
    expect(told).toContain('v7 stays');
    expect(told).toContain('−0.0020');
  });

  test('about a challenger that live requests did not bear out says what they said', () => {
    const needs = {
      ...evaluated({ outcome: 'promoted', version: 'v8', champion: 'v7', reasons: '["AUC +0.012"]' }),
      rollout: { result: 'success', outputs: { verdict: 'dropped', reason: 'shop v8 scores otherwise' } },
      promote: { result: 'skipped', outputs: {} },
    };
    expect(eventOf(needs)).toBe('refused');
    const told = seen(facts('refused', needs));
    expect(told).toContain('retrain, shop: v8 is refused');
    expect(told).toContain('*On live requests it was dropped*\n• shop v8 scores otherwise');
    expect(told).toContain('*What the gate had said*\n• AUC +0.012');
    expect(told).toContain('v7 stays');
    expect(eventOf({ ...needs, rollout: { result: 'success', outputs: { verdict: 'promoted' } } })).toBe('success');
    expect(eventOf({ ...needs, rollout: { result: 'skipped', outputs: {} } })).toBe('success');
  });

  test('says of too little data that nothing was judged, and claims no champion that was not promoted', () => {
    const told = seen(
      facts('success', evaluated({ outcome: 'insufficient-data', version: 'v2', reasons: '["too few"]' })),
    );
    expect(told).toContain('*Nothing was judged*\n• too few');
    expect(told).not.toContain('Champion');
  });

  test('about a start is short', () => {
    expect(slackMessage(facts('start')).text).toBe(`▶️ retrain, shop started\n${RUN_URL}`);
  });

  test('tells a cancelled run from a failed one', () => {
    const told = seen(facts('failure', { train: { result: 'cancelled', outputs: {} } }));
    expect(told).toContain('⏹️ retrain, shop was cancelled');
    expect(told).toContain('train was cancelled');
  });

  test('about a failure that no job tells of sends its reader to the log', () => {
    expect(seen(facts('failure'))).toContain('What failed is in the log of the run');
  });

  test('names the schedule, not whoever changed it last; and a run that was started again', () => {
    const run = runFrom({ ...ENVIRONMENT, GITHUB_EVENT_NAME: 'schedule', GITHUB_RUN_ATTEMPT: '3' });
    const told = seen(facts('start', {}, { run }));
    expect(told).not.toContain('octocat');
    expect(told).toContain('*Started by*\nschedule');
    expect(told).toContain('*Attempt*\n3');
    expect(told).toContain(`${RUN_URL}/attempts/3`);
  });

  test('calls nobody and leads nowhere else, whatever its data contain', () => {
    const evil = '<!channel> @here <https://evil.example|click> ```\n*bold*';
    const needs = {
      [evil]: { result: 'failure', outputs: { error: evil } },
      report: { result: 'success', outputs: { url: 'javascript:alert(1)' } },
    };
    const message = slackMessage(facts('failure', needs, { title: evil }));
    const links = JSON.stringify(message).match(/<[^>]*>/g);
    expect(links?.every((link) => link.startsWith('<https://github.com/owner/shop/'))).toBe(true);
    // Three backticks open the block of the error and end it.
    expect(textsOf(message).join().match(/```/g)).toHaveLength(2);
    const mrkdwn = JSON.stringify(message.blocks).match(/"mrkdwn"/g);
    expect(JSON.stringify(message.blocks).match(/"verbatim":true/g)).toHaveLength(mrkdwn?.length ?? 0);
  });

  test('of an over-long error keeps its code and what to do', () => {
    const error = `TRAINER_CRASHED: it failed\n${'a line of the log\n'.repeat(2000)}What to do: look`;
    const message = slackMessage(facts('failure', { train: { result: 'failure', outputs: { error } } }));
    for (const shown of [message.text, textsOf(message).join('\n')]) {
      expect(shown).toContain('TRAINER_CRASHED: it failed');
      expect(shown).toContain('What to do: look');
      expect(shown).toMatch(/… \(\d+ lines left out\)/);
    }
    expect(limitsBroken(message)).toEqual([]);
  });

  test('of very many broken jobs shows some and names the others', () => {
    const needs = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [
        `job-${index}`,
        { result: 'failure', outputs: { error: `E${index}` } },
      ]),
    );
    const message = slackMessage(facts('failure', needs));
    expect(limitsBroken(message)).toEqual([]);
    expect(JSON.stringify(message.blocks)).toContain('Broken too: job-5, job-6');
  });

  test('of several long errors keeps the ends of each, and of all blocks together what Slack takes', () => {
    const error = `CODE: it failed\n${'a line of the log\n'.repeat(2000)}What to do: look`;
    const jobs = Array.from({ length: 5 }, (_, index) => [`job-${index}`, { result: 'failure', outputs: { error } }]);
    const texts = textsOf(slackMessage(facts('failure', Object.fromEntries(jobs) as Needs)));
    expect(texts.filter((text) => text.includes('CODE: it failed') && text.includes('What to do: look'))).toHaveLength(
      5,
    );
    expect(texts.join('').length).toBeLessThan(10_000);
  });
});

describe('for any facts', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'binary', minLength: 2000, maxLength: 6000, size: 'max' }),
    fc.constantFrom('&'.repeat(4000), '<!here>'.repeat(900), '😀'.repeat(3000), 'a\n'.repeat(4000), '', ' '),
  );
  const outcome = fc.record({
    result: fc.constantFrom('success', 'failure', 'cancelled', 'skipped'),
    outputs: fc.record(
      { error: text, reasons: text, gain: text, version: text, champion: text, outcome: text, url: text },
      { requiredKeys: [] },
    ),
  });
  const names = fc.oneof(fc.constantFrom('evaluate', 'promote', 'report'), text);
  const anyFacts = fc.record({
    event: fc.constantFrom<Event>('start', 'success', 'failure', 'refused'),
    needs: fc.dictionary(names, outcome, { maxKeys: 12, noNullPrototype: true }),
    title: fc.option(text, { nil: undefined }),
    model: fc.option(text, { nil: undefined }),
    at: fc.date({ noInvalidDate: true, min: new Date('2020-01-01'), max: new Date('2100-01-01') }),
    run: fc
      .record({ workflow: text, actor: text, branch: text })
      .map(({ workflow, actor, branch }) =>
        runFrom({ ...ENVIRONMENT, GITHUB_WORKFLOW: workflow, GITHUB_ACTOR: actor, GITHUB_REF_NAME: branch }),
      ),
  });

  test('Slack’s limits hold, and the link to the run is whole', () => {
    fc.assert(
      fc.property(anyFacts, (of) => {
        const message = slackMessage(of);
        expect(limitsBroken(message)).toEqual([]);
        expect(message.text.endsWith(`\n${RUN_URL}`)).toBe(true);
        expect(JSON.stringify(message.blocks)).toContain(`<${RUN_URL}|Open the run>`);
        expect(JSON.stringify(message).isWellFormed()).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('the blocks are of Slack’s types', () => {
    const messages = fc.sample(anyFacts, { numRuns: 40, seed: 1 }).map(slackMessage);
    expect(checkSlackTypes(messages)).toEqual([]);
  });
});
