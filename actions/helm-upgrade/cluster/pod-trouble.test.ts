import { describe, expect, test } from 'vitest';
import { podOf } from '../fake-cluster.ts';
import { crashOf, troubleOf, type Trouble } from './pod-trouble.ts';
import { memoryLimitOf, parsePods, readinessOf, restartsOf, type Pod } from './pods.ts';

const parse = (...pods: object[]) => parsePods(JSON.stringify({ items: pods }));
const onePod = (given: object): Pod => {
  const [found] = parse(given);
  if (found === undefined) throw new Error('It is no pod that serves');
  return found;
};
const pod = (given: Parameters<typeof podOf>[1]): Pod => onePod(podOf('a', { ready: false, ...given }));
const condition = (type: string, message: string) => ({ conditions: [{ type, status: 'False', message }] });

describe('why a pod does not serve', () => {
  test.each<[string, Parameters<typeof podOf>[1], Omit<Trouble, 'pod'>]>([
    [
      'an image that is not there',
      { container: { state: { waiting: { reason: 'ErrImagePull', message: 'rpc error: shop:1: not found' } } } },
      {
        text: 'the image registry.example/shop:1 cannot be pulled (ErrImagePull): rpc error: shop:1: not found',
        isHopeless: true,
      },
    ],
    [
      'a registry that is down',
      { container: { state: { waiting: { reason: 'ErrImagePull', message: 'dial tcp: connection refused' } } } },
      {
        text: 'the image registry.example/shop:1 cannot be pulled (ErrImagePull): dial tcp: connection refused',
        isHopeless: false,
      },
    ],
    [
      'a pull that waits',
      { container: { state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' } } } },
      { text: 'the image registry.example/shop:1 cannot be pulled (ImagePullBackOff)', isHopeless: false },
    ],
    [
      'a pull that waits, of a newer Kubernetes',
      {
        container: {
          state: {
            waiting: {
              reason: 'ImagePullBackOff',
              message: 'Back-off pulling image "x": ErrImagePull: rpc error: code = NotFound desc = x: not found',
            },
          },
        },
      },
      {
        text: 'the image registry.example/shop:1 cannot be pulled (ImagePullBackOff): rpc error: code = NotFound desc = x: not found',
        isHopeless: true,
      },
    ],
    [
      'too much memory',
      {
        container: {
          restartCount: 2,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
        },
      },
      { text: 'it used more memory than its limit of 256Mi and was killed, 3 times (OOMKilled)', isHopeless: true },
    ],
    [
      'a first crash',
      { container: { state: { terminated: { reason: 'Error', exitCode: 2 } } } },
      { text: 'its container ended with status 2', isHopeless: false },
    ],
    [
      'a secret that is not there',
      { container: { state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "x" not found' } } } },
      { text: 'its container does not start (CreateContainerConfigError): secret "x" not found', isHopeless: false },
    ],
    [
      'no room',
      { status: condition('PodScheduled', '0/1 nodes are available: 1 Insufficient memory.') },
      { text: 'no node takes it: 0/1 nodes are available: 1 Insufficient memory.', isHopeless: false },
    ],
    [
      'a node that takes no pods',
      { status: condition('PodScheduled', '0/1 nodes are available: 1 node(s) had untolerated taint(s).') },
      {
        text: 'no node takes it: 0/1 nodes are available: 1 node(s) had untolerated taint(s).',
        isHopeless: false,
        ask: 'taints',
      },
    ],
    [
      'an eviction',
      { status: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage.' } },
      { text: 'it was evicted: The node was low on resource: ephemeral-storage.', isHopeless: false },
    ],
    [
      'a container in the making',
      { container: { state: { waiting: { reason: 'ContainerCreating' } } }, status: { phase: 'Pending' } },
      { text: 'its container is still being made', isHopeless: false },
    ],
    ['a model that is not loaded', {}, { text: 'it runs, but is not ready', isHopeless: false }],
  ])('%s', (_, given, expected) => {
    expect(troubleOf(pod(given))).toMatchObject(expected);
  });

  test('a ready one has no trouble, but may have crashed before', () => {
    const lastState = { terminated: { reason: 'Error', exitCode: 1 } };
    const ready = pod({ ready: true, container: { restartCount: 1, lastState } });
    expect(troubleOf(ready)).toBeUndefined();
    expect(crashOf(ready)).toMatchObject({ text: 'its container ended with status 1, 2 times', ask: 'log' });
    expect(crashOf(pod({ ready: true }))).toBeUndefined();
  });
});

describe('of a pod is read', () => {
  test('whether it serves: not one of a job, of a test, or on its way out', () => {
    const leaving = podOf('leaving');
    Object.assign(leaving.metadata, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    const test = { ...podOf('test'), metadata: { name: 'test', uid: 'x' } };
    const pods = parse(
      podOf('one'),
      podOf('job', { owner: 'Job' }),
      leaving,
      test,
      podOf('set', { owner: 'StatefulSet' }),
    );
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(['one', 'set']);
  });

  test('its memory, its restarts, and where it says whether it is ready', () => {
    const one = pod({ container: { restartCount: 4 } });
    expect([memoryLimitOf(one), restartsOf(one), readinessOf(one)]).toEqual([
      256 * 2 ** 20,
      4,
      { path: '/readyz', port: 8080 },
    ]);
  });

  test.each([
    ['1Gi', 2 ** 30],
    ['128974848', 128_974_848],
    ['0.5Gi', 2 ** 29],
    ['129M', 129e6],
    ['lots', undefined],
    [undefined, undefined],
  ])('a limit of %s', (memory, bytes) => {
    const one = podOf('a');
    one.spec.containers[0] = { ...one.spec.containers[0], resources: { limits: { memory } } } as never;
    expect(memoryLimitOf(onePod(one))).toBe(bytes);
  });

  test('nothing where there is no probe', () => {
    const one = podOf('a');
    one.spec.containers[0] = { name: 'x' } as never;
    expect(readinessOf(onePod(one))).toBeUndefined();
  });
});
