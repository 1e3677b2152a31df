import type { Programs } from './programs.ts';

export interface VerifyOptions {
  /** name@sha256:… */
  image: string;
  /** A file, or what cosign takes for a key, e.g. `env://COSIGN_PUBLIC_KEY`. */
  key: string;
  /** The registry speaks plain http. */
  plainHttp: boolean;
}

/** Has the image's signature verified with a public key. Error: IMAGE_UNTRUSTED when it is not signed with it. */
export async function verifyImage(programs: Programs, { image, key, plainHttp }: VerifyOptions): Promise<void> {
  await programs.ask('cosign', [
    'verify',
    '--key',
    key,
    // A key of one's own is not in the public log, and the runner may have no way there.
    '--insecure-ignore-tlog=true',
    ...(plainHttp ? ['--allow-http-registry', '--allow-insecure-registry'] : []),
    image,
  ]);
}
