import { expect, test } from 'vitest';
import { addSamples, growthSince, parseMetrics, sumOf } from './samples.ts';

const page = `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{route="/predict/:model",status="200"} 12 1395066363000
requests_total{ route = "/say \\"a,b\\"\\n}" , status="503" } 3
up 1
ratio 2.5e-3
bucket{le="+Inf"} 4
worst +Inf
lost NaN
this is no sample
`;

test('samples are read with their labels, whatever is in these', () => {
  expect(parseMetrics(page)).toEqual([
    { name: 'requests_total', labels: { route: '/predict/:model', status: '200' }, value: 12 },
    { name: 'requests_total', labels: { route: '/say "a,b"\n}', status: '503' }, value: 3 },
    { name: 'up', labels: {}, value: 1 },
    { name: 'ratio', labels: {}, value: 0.0025 },
    { name: 'bucket', labels: { le: '+Inf' }, value: 4 },
    { name: 'worst', labels: {}, value: Infinity },
  ]);
});

test('an empty page has none', () => {
  expect(parseMetrics('')).toEqual([]);
});

const sample = (status: string, value: number) => ({ name: 'requests_total', labels: { status, route: 'x' }, value });

test('pods are added series by series, in whatever order their labels stand', () => {
  const other = { name: 'requests_total', labels: { route: 'x', status: '200' }, value: 5 };
  expect(addSamples([[sample('200', 2), sample('500', 1)], [other]])).toEqual([sample('200', 7), sample('500', 1)]);
});

test('adding leaves the pages as they are', () => {
  const first = [sample('200', 2)];
  addSamples([first, [sample('200', 3)]]);
  expect(first).toEqual([sample('200', 2)]);
});

test('growth is what came since; a counter that went back began anew', () => {
  const before = [sample('200', 10), sample('500', 10)];
  expect(growthSince(before, [sample('200', 12), sample('500', 4), sample('503', 1)])).toEqual([
    sample('200', 2),
    sample('500', 4),
    sample('503', 1),
  ]);
});

test('a sum is over the series that fit', () => {
  const samples = [sample('200', 10), sample('503', 3), { ...sample('503', 100), name: 'other_total' }];
  expect(sumOf(samples, 'requests_total')).toBe(13);
  expect(sumOf(samples, 'requests_total', ({ status }) => status === '503')).toBe(3);
});
