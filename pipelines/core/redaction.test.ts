import { describe, expect, test } from 'vitest';
import { REDACTIONS, redact } from './redaction.ts';

/** By what the list says: a text with what must go, and how it is to be read. */
const examples: Record<string, [text: string, masked: string][]> = {
  'a Slack webhook, which is its own key': [
    ['POST https://hooks.slack.com/services/T0/B0/abcdef failed', 'POST https://hooks.slack.com/*** failed'],
  ],
  'user and password of a URL': [
    ['Postgres at postgres://shop:pa:ss@db:5432/shop is down', 'Postgres at postgres://***@db:5432/shop is down'],
    ['"postgresql://shop:p@ss/w@db/shop"', '"postgresql://***@db/shop"'],
    ['https://ghost@example.org/a', 'https://***@example.org/a'],
  ],
  'a secret by its name': [
    ['password=hunter2 host=db', 'password=*** host=db'],
    ['{"apiKey": "abc", "n": 1}', '{"apiKey": "***", "n": 1}'],
    ['SLACK_TOKEN: abc; next', 'SLACK_TOKEN: ***; next'],
    ['GET /metrics?token=abc&day=3', 'GET /metrics?token=***&day=3'],
    ['Authorization: Basic c2hvcDpwYXNz', 'Authorization: Basic ***'],
  ],
  'a bearer token': [['sent Bearer abcdefgh.ijk', 'sent Bearer ***']],
  'a key by its shape: of the service, GitHub, Slack, Amazon, a JSON web token': [
    ['the key cleaver_shop-0123456789abcdef is not known', 'the key *** is not known'],
    ['ghp_0123456789abcdef and github_pat_0123456789abcdef', '*** and ***'],
    ['xoxb-1234-5678-abcdef AKIAIOSFODNN7EXAMPLE', '*** ***'],
    ['eyJhbGciOiJI.eyJzdWIiOiIx.c2ln', '***'],
  ],
  'an e-mail address': [['jane.doe+shop@mail.example.org bought', '***@*** bought']],
  'a telephone number': [['call +49 (30) 123-4567 now', 'call *** now']],
  'the key of a row that Postgres refuses': [
    ['Key (model, name)=(shop, Jane Doe) already exists.', 'Key (model, name)=(***) already exists.'],
  ],
  'a row that Postgres refuses': [['Failing row contains (1, Jane, 3).', 'Failing row contains (***).']],
  'a value that a database cannot read': [
    ['invalid input syntax for type integer: "Jane"', 'invalid input syntax for type integer: ***'],
    ["Could not convert string 'Jane' to INT32", 'Could not convert string *** to INT32'],
  ],
};

test('everything on the list has an example', () => {
  expect(Object.keys(examples)).toEqual(REDACTIONS.map(({ what }) => what));
});

test.each(Object.entries(examples).flatMap(([what, pairs]) => pairs.map(([text, masked]) => ({ what, text, masked }))))(
  '$what is masked: $text',
  ({ text, masked }) => {
    expect(redact(text)).toBe(masked);
    expect(redact(redact(text))).toBe(masked);
  },
);

describe('the id of a person', () => {
  test.each([
    ['entity 4711 has two rows', 'entity *** has two rows'],
    ["customer_id = 'C-17' is missing", 'customer_id *** is missing'],
    ['{"customer_id":"jane"}', '{"customer_id"***}'],
    ['visitor #17 came', 'visitor *** came'],
  ])('is masked beside its name: %s', (text, masked) => {
    expect(redact(text).replaceAll(/['"](?=[ }])/g, '')).toBe(masked.replaceAll(/['"](?=[ }])/g, ''));
    expect(redact(text)).not.toMatch(/4711|C-17|jane|17/);
  });

  test('is masked beside the column that the manifest calls the entity', () => {
    expect(redact('member.no 17 twice', ['member.no'])).toBe('member.no *** twice');
    expect(redact('member.no 17 twice')).toBe('member.no 17 twice');
  });
});

test.each([
  'models/shop/mart.sql returns 12 rows for 2026-01-02, but only 11 different values of customer_id.',
  'Return one row for each customer_id, never NULL: GROUP BY it, or mend a join that multiplies rows.',
  'shop v3 answers requests at http://127.0.0.1:8080/predict/shop, 250 ms',
  'GITHUB_TOKEN is not set. Give the token `contents: write`.',
  'Postgres at db:5432 refused the query for orders: column "total" does not exist.',
])('what a reader needs stays: %s', (text) => {
  expect(redact(text, ['customer_id'])).toBe(text);
});
