import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Misconfiguration, messageOf } from '@skerry/shared/errors';
import { parseYaml } from '@skerry/shared/yaml';
import type { Credentials } from './connection.ts';

interface Named<K extends string, T> {
  readonly entries: readonly ({ readonly name: string } & Readonly<Record<K, T>>)[];
}

interface Cluster {
  readonly server?: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

interface User {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
}

interface Context {
  readonly cluster?: string;
  readonly user?: string;
}

interface Kubeconfig {
  readonly clusters?: Named<'cluster', Cluster>['entries'];
  readonly users?: Named<'user', User>['entries'];
  readonly contexts?: Named<'context', Context>['entries'];
  readonly 'current-context'?: string;
}

/** A kubeconfig reduced to one server and how to reach it. */
export interface PlainKubeconfig {
  readonly server: URL;
  /** Reads the files it names again. */
  readonly read: () => Promise<Credentials>;
}

const plainUserFields = new Set([
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
  'token',
  'tokenFile',
]);

/**
 * Reads a kubeconfig whose current context needs no more than certificates or a token. Returns
 * undefined when it asks for more (`exec`, `auth-provider`, a proxy, impersonation, a password), which
 * only the Kubernetes client library knows how to do, and which costs a second and 80 MB to load.
 *
 * Throws Misconfiguration when the file cannot be read or names what it does not define.
 *
 * Source: kubernetes.io/docs/reference/config-api/kubeconfig.v1.
 */
export async function readPlainKubeconfig(file: string): Promise<PlainKubeconfig | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Misconfiguration(`failed to read the kubeconfig: ${messageOf(error)}`, {
      cause: error,
    });
  });
  const config = (parseYaml(text, file).value ?? {}) as Kubeconfig;
  const current = config['current-context'] ?? '';
  const context = named(config.contexts, 'context', current, file);
  const cluster = named(config.clusters, 'cluster', context.cluster, file);
  const user = named(config.users, 'user', context.user, file);
  if (cluster['proxy-url'] !== undefined) return undefined;
  if (Object.keys(user).some((field) => !plainUserFields.has(field))) return undefined;
  if (!cluster.server || !URL.canParse(cluster.server))
    throw new Misconfiguration(`${file}: the cluster has no server URL`);
  const base = dirname(file);
  return { server: new URL(cluster.server), read: () => readCredentials(cluster, user, base) };
}

function named<K extends 'cluster' | 'user' | 'context', T>(
  entries: Named<K, T>['entries'] | undefined,
  kind: K,
  name: string | undefined,
  file: string,
): T {
  const found = entries?.find((entry) => entry.name === name)?.[kind];
  if (found === undefined || found === null)
    throw new Misconfiguration(`${file}: there is no ${kind} named ${JSON.stringify(name)}`);
  return found;
}

async function readCredentials(cluster: Cluster, user: User, base: string): Promise<Credentials> {
  const pem = (data: string | undefined, file: string | undefined): Promise<Buffer | undefined> =>
    readPem(data, file, base);
  const ca = await pem(cluster['certificate-authority-data'], cluster['certificate-authority']);
  const cert = await pem(user['client-certificate-data'], user['client-certificate']);
  const key = await pem(user['client-key-data'], user['client-key']);
  const token = user.tokenFile
    ? (await readFile(resolve(base, user.tokenFile), 'utf8')).trim()
    : user.token;
  return {
    tls: {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(cluster['tls-server-name'] && { servername: cluster['tls-server-name'] }),
      ...(cluster['insecure-skip-tls-verify'] === true && { rejectUnauthorized: false }),
    },
    headers: token ? { Authorization: `Bearer ${token}` } : {},
  };
}

/** Inline data (base64) wins over a file, as in kubectl. */
async function readPem(
  data: string | undefined,
  file: string | undefined,
  base: string,
): Promise<Buffer | undefined> {
  if (data) return Buffer.from(data, 'base64');
  return file ? readFile(resolve(base, file)) : undefined;
}
