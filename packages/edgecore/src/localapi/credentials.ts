import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '@skerry/shared/durable-file';
import { ensureAuthority, ensureCertificate } from '@skerry/shared/key-files';
import type { NodeName } from '@skerry/shared/names';
import { printYaml } from '@skerry/shared/yaml';

/** With what the local API proves who it is, and its administrator who they are. */
export interface Credentials {
  /** PEM: who signed `cert`; of this node's own, and good for nothing else. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Of the administrator of this node. */
  readonly token: string;
}

/** Names by which the API is called: by people at the machine, and by programs within pods. */
const dnsNames = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
/** As long as the authority: a node that is cut off must not lose its own voice. */
const certificateDays = 3_650;
const secretMode = 0o600;

/** Where the kubeconfig of the administrator is kept, within the agent's data directory. */
export function kubeconfigIn(dataDir: string): string {
  return join(dataDir, 'local-api', 'kubeconfig');
}

export interface CredentialsOptions {
  readonly dataDir: string;
  readonly node: NodeName;
  /** Addresses at which the API is called. */
  readonly addresses: readonly string[];
  /** For the kubeconfig, for example `https://127.0.0.1:10550`. */
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Those kept in `<dataDir>/local-api`, made there when missing; every secret with mode 0600. */
export async function ensureCredentials(options: CredentialsOptions): Promise<Credentials> {
  const { dataDir, node, addresses, now } = options;
  const place = (name: string): string => join(dataDir, 'local-api', name);
  const files = (name: string) => ({ cert: place(`${name}.crt`), key: place(`${name}.key`) });
  const authority = await ensureAuthority(files('ca'), `skerry local API of ${node}`, now);
  const request = {
    commonName: 'skerry-local-api',
    dnsNames,
    ipAddresses: [...new Set(addresses)],
    usage: ['server'],
    days: certificateDays,
  } as const;
  const { cert, key } = await ensureCertificate(files('server'), authority, request, now);
  const kept = await readIfPresent(place('admin.token'));
  const token = kept ?? randomBytes(32).toString('base64url');
  if (kept === undefined) await writeDurably(place('admin.token'), token, secretMode);
  const credentials = { ca: authority.cert, cert, key, token };
  await writeKubeconfig(options, credentials);
  return credentials;
}

async function writeKubeconfig(
  { dataDir, node, url }: CredentialsOptions,
  { ca, token }: Credentials,
): Promise<void> {
  const [name, user] = [`${node}-local`, 'admin'];
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name, context: { cluster: name, user } }],
    'current-context': name,
  };
  const [path, text] = [kubeconfigIn(dataDir), printYaml(config)];
  if ((await readIfPresent(path)) !== text) await writeDurably(path, text, secretMode);
}

/** Takes the same time wherever they differ. */
export function isSameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
