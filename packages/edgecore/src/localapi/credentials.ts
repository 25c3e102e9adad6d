import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '@skerry/shared/durable-file';
import { ensureAuthority, ensureCertificate, type KeyFiles } from '@skerry/shared/key-files';
import type { NodeName } from '@skerry/shared/names';
import type { KeyPair } from '@skerry/shared/pki';
import { printYaml } from '@skerry/shared/yaml';

/** With what the local API proves who it is, and its administrator who they are. */
export interface Credentials {
  /** PEM: who signed its certificates; of this node's own, and good for nothing else. */
  readonly ca: string;
  /** For connections to this address of the machine: a certificate of an own for each that is not local. */
  readonly certificateAt: (address: string) => Promise<KeyPair>;
  /** Of the administrator of this node. */
  readonly token: string;
}

/** Names by which the API is called: by people at the machine, and by programs within pods. */
const dnsNames = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
/** As long as the authority: a node that is cut off must not lose its own voice. */
const certificateDays = 3_650;
const secretMode = 0o600;
const localAddress = '127.0.0.1';

/** Where the kubeconfig of the administrator is kept, within the agent's data directory. */
export function kubeconfigIn(dataDir: string): string {
  return join(dataDir, 'local-api', 'kubeconfig');
}

export interface CredentialsOptions {
  readonly dataDir: string;
  readonly node: NodeName;
  /** Addresses at which the API is called, beside the local one. */
  readonly addresses: readonly string[];
  /** For the kubeconfig, for example `https://127.0.0.1:10550`. */
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Those kept in `<dataDir>/local-api`, made there when missing; every secret with mode 0600. */
export async function ensureCredentials(options: CredentialsOptions): Promise<Credentials> {
  const { dataDir, node, now } = options;
  const place = (name: string): string => join(dataDir, 'local-api', name);
  const authority = await ensureAuthority(
    filesOf(dataDir, 'ca'),
    `skerry local API of ${node}`,
    now,
  );
  const kept = await readIfPresent(place('admin.token'));
  const token = kept ?? randomBytes(32).toString('base64url');
  if (kept === undefined) await writeDurably(place('admin.token'), token, secretMode);
  const certificateAt = certificates(options, authority);
  await certificateAt(localAddress); // a key that cannot be kept is noticed now
  const credentials = { ca: authority.cert, certificateAt, token };
  await writeKubeconfig(options, credentials);
  return credentials;
}

function filesOf(dataDir: string, name: string): KeyFiles {
  const place = join(dataDir, 'local-api', name);
  return { cert: `${place}.crt`, key: `${place}.key` };
}

/** Each is made once, and kept. */
function certificates(
  { dataDir, addresses, now }: CredentialsOptions,
  authority: KeyPair,
): Credentials['certificateAt'] {
  const made = new Map<string, Promise<KeyPair>>();
  const make = (name: string, ipAddresses: readonly string[]): Promise<KeyPair> => {
    const names = { commonName: 'skerry-local-api', dnsNames, ipAddresses };
    const request = { ...names, usage: ['server'], days: certificateDays } as const;
    return ensureCertificate(filesOf(dataDir, name), authority, request, now);
  };
  const own = new Set([localAddress, ...addresses]);
  return (address) => {
    const plain = address.replace(/^::ffff:/, '');
    const isOwn = own.has(plain) || /^127\.|^::1$/.test(plain);
    const name = isOwn ? 'server' : `server-${plain.replaceAll(/[^\w.]/g, '-')}`;
    const known = made.get(name);
    if (known) return known;
    const making = make(name, isOwn ? [...own] : [plain]);
    made.set(name, making);
    making.catch(() => made.delete(name)); // the next connection tries again
    return making;
  };
}

async function writeKubeconfig(
  { dataDir, node, url }: CredentialsOptions,
  { ca, token }: Pick<Credentials, 'ca' | 'token'>,
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
