import { expect, test } from 'vitest';
import { diffManifests } from './manifest-diff.ts';
import { planMarkdown } from './tell-plan.ts';

const deployment = (replicas: number, env: string, tag: string) => `---
# Source: cleaver/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: ${replicas}
  template:
    spec:
      containers:
        - name: service
          image: registry.example/shop:${tag}
          env:
${env}
`;
const env = (...pairs: [string, string][]) =>
  pairs.map(([name, value]) => `            - {name: ${name}, value: "${value}"}`).join('\n');
const secret = (value: string) => `---\napiVersion: v1\nkind: Secret\nmetadata: {name: keys}\ndata: {keys: ${value}}\n`;

test('what differs is told by its path, elements of lists by their name', () => {
  const before = deployment(2, env(['A', '1'], ['B', '2']), 'one');
  const after = deployment(3, env(['B', '2'], ['A', '5'], ['C', '3']), 'two');
  expect(diffManifests(before, after)).toEqual([
    {
      object: 'Deployment shop',
      kind: 'changed',
      values: [
        { path: 'spec.replicas', before: '2', after: '3' },
        {
          path: 'spec.template.spec.containers.service.image',
          before: 'registry.example/shop:one',
          after: 'registry.example/shop:two',
        },
        { path: 'spec.template.spec.containers.service.env.A.value', before: '1', after: '5' },
        { path: 'spec.template.spec.containers.service.env.C', before: '', after: '{"name":"C","value":"3"}' },
      ],
    },
  ]);
});

test('objects that come and go are named', () => {
  const [one, other] = [secret('a'), deployment(1, env(), 'one')];
  expect(diffManifests(one, other)).toEqual([
    { object: 'Deployment shop', kind: 'created', values: [] },
    { object: 'Secret keys', kind: 'removed', values: [] },
  ]);
  expect(diffManifests('', other).map(({ kind }) => kind)).toEqual(['created']);
  expect(diffManifests(one, one)).toEqual([]);
});

test('no secret is shown: of a Secret, by its name, within an address, or in what is new', () => {
  const before = `${secret('aHVudGVyMg==')}${deployment(1, env(['DB_PASSWORD', 'hunter2'], ['URL', 'postgres://me:hunter2@db/x']), 'one')}`;
  const after = `${secret('aHVudGVyMw==')}${deployment(1, env(['DB_PASSWORD', 'hunter3'], ['URL', 'postgres://me:hunter3@db/x'], ['SLACK_TOKEN', 'hunter4']), 'one')}`;
  const changes = diffManifests(before, after);
  expect(changes.flatMap(({ values }) => values)).toHaveLength(4);
  expect(JSON.stringify(changes)).not.toMatch(/hunter|aHVudGVy/);
  expect(changes[0]?.values).toEqual([{ path: 'data.keys', before: '(hidden)', after: '(hidden)' }]);
  expect(changes[1]?.values[1]).toMatchObject({ before: 'postgres://***@db/x' });
});

test('as Markdown it is a table, cut where nobody reads on', () => {
  const before = deployment(1, env(...range(300).map((at): [string, string] => [`V${at}`, 'a'])), 'one');
  const after = deployment(1, env(...range(300).map((at): [string, string] => [`V${at}`, '<b>'])), 'one');
  const markdown = planMarkdown('shop', diffManifests(before, after));
  expect(markdown).toMatch(/^### shop: 0 created, 1 changed, 0 removed\n/);
  expect(markdown).toContain('| a | \\<b\\> |');
  expect(markdown).toContain('_100 more lines are left out._');
  expect(planMarkdown('shop', [])).toBe('### shop: nothing changes\n');
});

function range(length: number): number[] {
  return Array.from({ length }, (_, at) => at);
}
