import { objectKey, resourceName } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { readObject, type ObjectReader } from '../meta/object-reader.ts';
import type { RegistryCredential } from '../runtime/container-runtime.ts';
import type { PodObject } from './pod.ts';
import { readReferences, referenceKey, type Entries } from './references.ts';

const ACCOUNTS = resourceName('serviceaccounts');
/** Where clients keep what is for Docker's own registry, and what its images are called there. */
const HUB = { key: 'index.docker.io', host: 'docker.io' } as const;

/** With what the images of a pod may be pulled. */
export interface ImageAccess {
  readonly secrets: readonly Entries[];
  /** Names of Secrets that this node does not hold. */
  readonly missing: readonly string[];
}

/** Reads the pull secrets of the pod or, where it names none, of its service account. */
export async function readImageAccess(objects: ObjectReader, pod: PodObject): Promise<ImageAccess> {
  const { namespace } = pod.metadata;
  const named = pod.spec.imagePullSecrets ?? [];
  const references = named.length > 0 ? named : await secretsOfAccount(objects, pod);
  const names = references.flatMap(({ name = '' }) => (name === '' ? [] : [name]));
  const keys = names.map((name) => referenceKey('secret', namespace, name));
  const held = await readReferences(objects, keys);
  return {
    secrets: [...held.values()],
    missing: names.filter((name) => !held.has(referenceKey('secret', namespace, name))),
  };
}

interface AccountObject {
  readonly imagePullSecrets?: readonly { readonly name?: string }[];
}

async function secretsOfAccount(
  objects: ObjectReader,
  { metadata, spec }: PodObject,
): Promise<readonly { readonly name?: string }[]> {
  const name = spec.serviceAccountName ?? 'default';
  const account = await readObject(objects, objectKey(ACCOUNTS, metadata.namespace, name));
  return (account as AccountObject | undefined)?.imagePullSecrets ?? [];
}

/**
 * The credentials whose registry and path are the image's, the most particular first.
 *
 * @see https://kubernetes.io/docs/concepts/containers/images/#config-json
 */
export function credentialsFor(image: string, { secrets }: ImageAccess): RegistryCredential[] {
  const location = locationOf(image);
  return secrets
    .flatMap(entriesOf)
    .filter(({ registry }) => covers(registry, location))
    .toSorted((a, b) => b.registry.length - a.registry.length)
    .map((credential) => ({ ...credential, registry: hostOf(credential.registry) }));
}

/** `host[:port]/path`, without tag or digest. */
function locationOf(image: string): string {
  const [name = ''] = image.split('@');
  const slash = name.indexOf('/');
  const first = name.slice(0, slash);
  const hasHost = slash > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = hasHost ? name.slice(slash + 1) : name;
  const host = hasHost && first !== HUB.host ? first : HUB.key;
  return `${host}/${path.replace(/:[^/:]*$/, '')}`;
}

/** Hosts part by part, `*` for any; the same port; a path that the image's begins with. */
function covers(registry: string, location: string): boolean {
  const [asked, image] = [partsOf(registry), partsOf(location)];
  const [labels, ofImage] = [asked.host.split('.'), image.host.split('.')];
  return (
    asked.port === image.port &&
    labels.length === ofImage.length &&
    labels.every((label, at) => matches(label, ofImage[at] ?? '')) &&
    (asked.path === '' || `${image.path}/`.startsWith(`${asked.path}/`))
  );
}

function matches(glob: string, label: string): boolean {
  const parts = glob.split('*').map((part) => part.replaceAll(/[^\w-]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(label);
}

function partsOf(location: string): {
  readonly host: string;
  readonly port: string;
  readonly path: string;
} {
  const [authority = '', ...path] = location.split('/');
  const [host = '', port = ''] = authority.split(':');
  return { host: host === HUB.host ? HUB.key : host, port, path: path.join('/') };
}

function hostOf(registry: string): string {
  return registry.split('/', 1)[0] ?? registry;
}

interface Auth {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** Of a Secret of type `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg`. */
function entriesOf(secret: Entries): RegistryCredential[] {
  const config = parsed(secret.get('.dockerconfigjson')) as
    { readonly auths?: Readonly<Record<string, Auth>> } | undefined;
  const auths =
    config?.auths ??
    (parsed(secret.get('.dockercfg')) as Readonly<Record<string, Auth>> | undefined);
  return Object.entries(auths ?? {}).flatMap(([url, auth]) => credentialOf(url, auth) ?? []);
}

function credentialOf(url: string, auth: Auth): RegistryCredential | undefined {
  const text = Buffer.from(auth.auth ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const [user, secret] = colon < 0 ? ['', ''] : [text.slice(0, colon), text.slice(colon + 1)];
  const [username, password] = [auth.username ?? user, auth.password ?? secret];
  if (username === '' && auth.identitytoken === undefined) return undefined;
  const registry = url
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '');
  return {
    registry,
    username,
    password,
    ...(auth.identitytoken !== undefined && { identityToken: auth.identitytoken }),
  };
}

/** What is no JSON holds no credentials: the registry will say what it thinks of that. */
function parsed(bytes: Buffer | undefined): unknown {
  try {
    return bytes && parseJson(bytes);
  } catch {
    return undefined;
  }
}
