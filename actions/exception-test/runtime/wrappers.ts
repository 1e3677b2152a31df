import { EventEmitter } from 'node:events';

type Handle = (this: unknown, ...given: unknown[]) => unknown;
type Around = (call: () => unknown, given: readonly unknown[]) => unknown;
type Remove = (this: EventEmitter, type: string | symbol, listener: Handle) => EventEmitter;
type Wrappers = WeakMap<Handle, Map<string, Handle>>;

/**
 * Puts functions in the place of others, which are called within `around`. The same function gets the same one at the same
 * place, and keeps its `length`: Express knows handlers of errors by it.
 */
export function openWrappers(): (handle: unknown, place: string, around: Around) => unknown {
  const own: Wrappers = new WeakMap();
  const ofProcess = wrappersOfProcess();
  return (handle, place, around) => {
    if (typeof handle !== 'function') return handle;
    const found = own.get(handle as Handle)?.get(place);
    if (found !== undefined) return found;
    const wrapped: Handle = function (...given) {
      return around(() => Reflect.apply(handle, this, given) as unknown, given);
    };
    for (const key of ['name', 'length'])
      Object.defineProperty(wrapped, key, { value: handle[key as 'name'], configurable: true });
    // By this, an emitter finds what `on` was given when the own function is taken off.
    Object.assign(wrapped, { listener: handle });
    for (const wrappers of [own, ofProcess]) {
      wrappers.set(handle as Handle, (wrappers.get(handle as Handle) ?? new Map<string, Handle>()).set(place, wrapped));
    }
    return wrapped;
  };
}

const WRAPPERS = Symbol.for('exception-test.wrappers');

/** What stands for a function, by places; emitters look here for what `once` was given. */
function wrappersOfProcess(): Wrappers {
  const process = globalThis as { [WRAPPERS]?: Wrappers };
  if (process[WRAPPERS] !== undefined) return process[WRAPPERS];
  const wrappers: Wrappers = new WeakMap();
  process[WRAPPERS] = wrappers;
  const prototype = EventEmitter.prototype as unknown as Record<'off' | 'removeListener', Remove>;
  const remove = prototype.removeListener;
  const removeListener: Remove = function (type, listener) {
    const count = this.listenerCount(type);
    remove.call(this, type, listener);
    for (const wrapped of wrappers.get(listener)?.values() ?? []) {
      if (this.listenerCount(type) < count) break;
      remove.call(this, type, wrapped);
    }
    return this;
  };
  Object.assign(prototype, { removeListener, off: removeListener });
  return wrappers;
}
