import { openAsBlob } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CleaverError } from '../../pipelines/core/errors.ts';
import { authorize, type Login } from './registry-login.ts';
import { refusal, unreachable } from './registry-errors.ts';

const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
/** The largest layer over a slow line. */
const UPLOAD_LIMIT_MS = 1_800_000;
const REQUEST_LIMIT_MS = 30_000;
const TRIES = 3;
const SECOND_MS = 1000;

/**
 * The repository of an image in a registry; https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 * Errors of all: IMAGE_REGISTRY_UNREACHABLE, _DENIED, _FULL, _REFUSED.
 */
export interface ImageRegistry {
  /** Begins an upload and gives it up: whoever may do that may push. */
  tryPush(): Promise<void>;
  hasBlob(digest: string): Promise<boolean>;
  putBlob(digest: string, file: string): Promise<void>;
  /** The text of a manifest or blob, or undefined where there is none. */
  read(kind: 'manifests' | 'blobs', reference: string): Promise<string | undefined>;
  putManifest(reference: string, text: string): Promise<void>;
}

export interface RegistryOptions {
  /** `ghcr.io/owner/shop` */
  image: string;
  plainHttp: boolean;
  login: Login | undefined;
}

interface Sending {
  method?: string;
  headers?: Record<string, string>;
  body?: Blob | string;
}

/** Opens the repository; nothing is sent yet. */
export function openImageRegistry({ image, plainHttp, login }: RegistryOptions): ImageRegistry {
  const [host = '', ...names] = image.split('/');
  const origin = `${plainHttp ? 'http' : 'https'}://${host === 'docker.io' ? 'registry-1.docker.io' : host}`;
  const repository = `${origin}/v2/${names.join('/')}`;
  let authorization: string | undefined;

  const send = async (url: string, sending: Sending): Promise<Response> => {
    const attempt = () => {
      // An upload may be sent on to a storage elsewhere, which has no business with our password.
      const ours = authorization !== undefined && url.startsWith(`${origin}/`) ? { authorization } : {};
      const signal = AbortSignal.timeout(sending.body instanceof Blob ? UPLOAD_LIMIT_MS : REQUEST_LIMIT_MS);
      return fetch(url, { ...sending, headers: { ...sending.headers, ...ours }, signal });
    };
    const response = await attempt();
    if (response.status !== 401) return response;
    // Also when a token has run out in the middle of a long push.
    authorization = await authorize(response.headers.get('www-authenticate') ?? '', names.join('/'), login);
    return await attempt();
  };
  /** Answers what `allowed` says, and throws the rest; what may go away by itself is tried again. */
  const ask = async (url: string, allowed: number[], sending: Sending = {}): Promise<Response> => {
    for (let tries = 1; ; tries += 1) {
      try {
        const response = await send(url, sending);
        if (allowed.includes(response.status)) return response;
        throw await refusal(image, response);
      } catch (error) {
        const explained = error instanceof CleaverError ? error : unreachable(image, error);
        if (tries >= TRIES || explained.code !== 'IMAGE_REGISTRY_UNREACHABLE') throw explained;
      }
      await sleep(tries * SECOND_MS);
    }
  };
  const beginUpload = async () => {
    const { headers } = await ask(`${repository}/blobs/uploads/`, [202], { method: 'POST' });
    return new URL(headers.get('location') ?? '', `${origin}/`);
  };
  return {
    async tryPush() {
      await ask((await beginUpload()).href, [200, 202, 204, 404, 405], { method: 'DELETE' });
    },
    async hasBlob(digest) {
      return (await ask(`${repository}/blobs/${digest}`, [200, 404], { method: 'HEAD' })).status === 200;
    },
    async putBlob(digest, file) {
      const url = await beginUpload();
      url.searchParams.set('digest', digest);
      const headers = { 'content-type': 'application/octet-stream' };
      await ask(url.href, [201], { method: 'PUT', headers, body: await openAsBlob(file) });
    },
    async read(kind, reference) {
      const headers = { accept: MANIFEST_TYPES.join(', ') };
      const response = await ask(`${repository}/${kind}/${reference}`, [200, 404], { headers });
      const text = await response.text();
      return response.status === 200 ? text : undefined;
    },
    async putManifest(reference, text) {
      const headers = { 'content-type': MANIFEST_TYPES[0] ?? '' };
      await ask(`${repository}/manifests/${reference}`, [201], { method: 'PUT', headers, body: text });
    },
  };
}
