import type { Launched } from './launch.ts';

export interface MemorySample {
  /** Since the first. */
  seconds: number;
  mb: number;
}

/** Looks at the memory of a server at once, and then every so often until it is stopped. */
export function sampleMemory(server: Pick<Launched, 'residentMb'>, everyMs: number): { stop: () => MemorySample[] } {
  const begun = performance.now();
  const samples: MemorySample[] = [];
  const look = () => {
    samples.push({ seconds: (performance.now() - begun) / 1000, mb: server.residentMb() });
  };
  look();
  const timer = setInterval(look, everyMs);
  return {
    stop() {
      clearInterval(timer);
      look();
      return samples;
    },
  };
}
