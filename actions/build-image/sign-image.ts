import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { essentialLine } from './build-error.ts';
import { runProgram } from './run-program.ts';

const LIMIT_MS = 300_000;
/** A key of one's own needs no service of sigstore's: neither its log nor its list of addresses. */
const NO_SERVICES = { mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json' };
const NO_ROOTS = { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' };

export interface Signing {
  /** `name@sha256:…` */
  image: string;
  key: string;
  password: string;
  plainHttp: boolean;
  /** The folder for DOCKER_CONFIG. */
  logins: string;
  /** Files to attest, by cosign's name for their kind. */
  attestations: Record<string, string>;
  /** For files in the making. */
  folder: string;
}

/**
 * Signs an image in its registry by cosign 3 and a key, and attests files of it, without any service of sigstore's. The key
 * goes over the environment. Errors: IMAGE_TOOL_MISSING, IMAGE_SIGNING_FAILED.
 */
export async function signImage(signing: Signing, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  const { image, key, password, plainHttp, logins, attestations, folder } = signing;
  const config = path.join(folder, 'signing-config.json');
  const roots = path.join(folder, 'trusted-root.json');
  await writeFile(config, JSON.stringify(NO_SERVICES));
  await writeFile(roots, JSON.stringify(NO_ROOTS));
  const how = [
    '--yes',
    '--key=env://COSIGN_PRIVATE_KEY',
    `--signing-config=${config}`,
    `--trusted-root=${roots}`,
    ...(plainHttp ? ['--allow-http-registry'] : []),
  ];
  const env = { COSIGN_PRIVATE_KEY: key, COSIGN_PASSWORD: password, DOCKER_CONFIG: logins };
  const cosign = async (...args: string[]) => {
    const ended = await runProgram({ command: 'cosign', args, env, timeoutMs: LIMIT_MS, onLine, signal });
    if (ended.status !== 0) throw signingError(ended.status, essentialLine(ended.lines));
  };
  await cosign('sign', ...how, image);
  for (const [kind, file] of Object.entries(attestations)) {
    await cosign('attest', ...how, `--type=${kind}`, `--predicate=${file}`, image);
  }
}

function signingError(status: number, line: string): CleaverError {
  if (status === 127) {
    return new CleaverError('IMAGE_TOOL_MISSING', `There is a signing key, but no cosign on this machine: ${line}.`, {
      hint: 'Install cosign 3 on the runner (https://docs.sigstore.dev/cosign/system_config/installation), or leave `signing-key` out.',
    });
  }
  return new CleaverError('IMAGE_SIGNING_FAILED', `cosign ended with ${status}: ${line}`, {
    hint: 'Is `signing-key` the whole cosign.key, and `signing-password` its password? The image is pushed, but not signed.',
  });
}
