import { access } from 'node:fs/promises';
import type { Agent, OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Misconfiguration, messageOf } from '@skerry/shared/errors';
import type { KubeConfig } from '@kubernetes/client-node';
import { RefreshedConnection, type Credentials, type KubeConnection } from './connection.ts';
import { readPlainKubeconfig } from './plain-kubeconfig.ts';

const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';

export interface KubeconfigSearch {
  /** Given on the command line or in the configuration; wins over everything. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly monotonic: () => number;
}

/**
 * Finds the cluster as kubectl does: the given file, `$KUBECONFIG`, `~/.kube/config`, then the service
 * account of the pod we run in. Credentials are read again as they age (KubeConnection).
 *
 * Throws Misconfiguration when there is none, or when the one found cannot be used.
 *
 * Source: kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig.
 */
export async function loadKubeconfig(search: KubeconfigSearch): Promise<KubeConnection> {
  const file = search.file ?? (await defaultFile(search.env));
  const plain = file?.includes(delimiter) ? undefined : file && (await readPlainKubeconfig(file));
  if (plain) return new RefreshedConnection(plain.server, plain.read, search.monotonic);
  return vendorConnection(file, search.monotonic);
}

/** Every form of kubeconfig, by the Kubernetes client library; loaded only here, for it is large. */
async function vendorConnection(
  file: string | undefined,
  monotonic: () => number,
): Promise<KubeConnection> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    await load(config, file, () => new KubeConfig());
  } catch (error) {
    throw new Misconfiguration(`no usable kubeconfig: ${messageOf(error)}`, { cause: error });
  }
  const server = config.getCurrentCluster()?.server ?? '';
  if (!URL.canParse(server)) throw new Misconfiguration('the kubeconfig names no server');
  return new RefreshedConnection(new URL(server), () => vendorCredentials(config), monotonic);
}

async function load(
  config: KubeConfig,
  files: string | undefined,
  fresh: () => KubeConfig,
): Promise<void> {
  if (files === undefined) {
    await access(tokenFile);
    config.loadFromCluster();
    return;
  }
  const [first = '', ...more] = files.split(delimiter).filter((file) => file !== '');
  config.loadFromFile(first);
  for (const file of more) {
    const next = fresh();
    next.loadFromFile(file);
    config.mergeConfig(next, true);
  }
}

async function vendorCredentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  const proxied = config.getCurrentCluster()?.proxyUrl !== undefined;
  return {
    tls: { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } as Credentials['tls'],
    headers: {
      ...textHeaders(options.headers as OutgoingHttpHeaders | undefined),
      ...(options.auth && {
        Authorization: `Basic ${Buffer.from(options.auth).toString('base64')}`,
      }),
    },
    ...(proxied && { agent: options.agent as Agent }),
  };
}

function textHeaders(headers: OutgoingHttpHeaders = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value)] as const),
  );
}

async function defaultFile(env: KubeconfigSearch['env']): Promise<string | undefined> {
  const named = env['KUBECONFIG'];
  if (named) return named;
  const home = join(env['HOME'] ?? homedir(), '.kube', 'config');
  return access(home).then(
    () => home,
    () => undefined,
  );
}
