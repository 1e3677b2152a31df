import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { readTextIfThere } from '../../pipelines/adapters/files.ts';

export interface Login {
  username: string;
  password: string;
}

interface DockerConfig {
  auths?: Record<string, { auth?: string } | undefined>;
}

/** The login that `docker login` has left for a registry; undefined where there is none, or a program keeps it. */
export async function storedLogin(host: string): Promise<Login | undefined> {
  const folder = process.env['DOCKER_CONFIG'] ?? path.join(homedir(), '.docker');
  const { auths } = await readConfig(path.join(folder, 'config.json'));
  const kept = auths?.[host === 'docker.io' ? 'https://index.docker.io/v1/' : host]?.auth;
  if (kept === undefined) return undefined;
  const [username = '', ...password] = Buffer.from(kept, 'base64').toString().split(':');
  return { username, password: password.join(':') };
}

/** Makes a folder for DOCKER_CONFIG with this one login, for a program that is to push as we do. */
export async function loginFolder(folder: string, host: string, login: Login | undefined): Promise<string> {
  const name = host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
  const config: DockerConfig = login === undefined ? {} : { auths: { [name]: { auth: basic(login) } } };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 });
  return folder;
}

/**
 * The header that answers a registry's challenge: the login itself, or a token that it gets for it.
 * https://distribution.github.io/distribution/spec/auth/token/
 */
export async function authorize(
  challenge: string,
  repository: string,
  login: Login | undefined,
): Promise<string | undefined> {
  const own = login === undefined ? undefined : `Basic ${basic(login)}`;
  const realm = parameter(challenge, 'realm');
  if (!/^bearer/i.test(challenge) || realm === undefined) return own;
  const url = new URL(realm);
  url.searchParams.set('service', parameter(challenge, 'service') ?? '');
  url.searchParams.set('scope', `repository:${repository}:pull,push`);
  const response = await fetch(url, { headers: own === undefined ? {} : { authorization: own } });
  // Refused, it goes on without, and the registry's own answer says why.
  if (!response.ok) return own;
  const { token, access_token: accessToken } = (await response.json()) as { token?: string; access_token?: string };
  return `Bearer ${token ?? accessToken ?? ''}`;
}

function parameter(challenge: string, name: string): string | undefined {
  return new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
}

function basic({ username, password }: Login): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

async function readConfig(file: string): Promise<DockerConfig> {
  return JSON.parse((await readTextIfThere(file)) ?? '{}') as DockerConfig;
}
