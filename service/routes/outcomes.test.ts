import { afterEach, expect, test } from 'vitest';
import { type FakeService, openFakeService } from '../../tests/support/fake-service.ts';

let service: FakeService;

afterEach(async () => {
  await service.models.close();
});

test('outcomes are taken down', async () => {
  service = await openFakeService();
  const outcomes = [
    { id: 'p1', label: 1, value: 12.5 },
    { id: 'p2', label: 0 },
  ];
  expect(await service.post('/outcomes', { outcomes })).toEqual({ status: 202, body: { accepted: 2 } });
  expect(service.recorded.outcomes).toEqual(outcomes);
});

test('an outcome is told as accepted when it is on disk, where the record is kept so', async () => {
  service = await openFakeService();
  service.recording.answer = () => Promise.reject(new Error('the disk is gone'));
  expect(await service.post('/outcomes', { outcomes: [{ id: 'p1', label: 1 }] })).toMatchObject({ status: 500 });
});

test.each([
  ['no list', {}, 'outcomes'],
  ['neither label nor value', { outcomes: [{ id: 'p1' }] }, 'outcomes[0]'],
  ['a label that is none', { outcomes: [{ id: 'p1', label: 2 }] }, 'outcomes[0].label'],
  ['no id', { outcomes: [{ label: 1 }] }, 'outcomes[0].id'],
])('%s is refused, with its place', async (_, sent, path) => {
  service = await openFakeService();
  expect(await service.post('/outcomes', sent)).toMatchObject({ status: 400, body: { code: 'REQUEST_INVALID', path } });
});

test('where nothing is recorded an outcome is refused, not lost', async () => {
  service = await openFakeService({ record: false });
  expect(await service.post('/outcomes', { outcomes: [] })).toMatchObject({
    ...{ status: 409, body: { code: 'RECORD_OFF', hint: 'Start it with CLEAVER_RECORD=interval.' } },
  });
});
