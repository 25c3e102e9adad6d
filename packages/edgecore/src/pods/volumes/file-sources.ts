import { entriesOf, type Sources } from '../env.ts';
import { fieldValue, namedContainer, resourceValue } from '../field-ref.ts';
import type { PodSpec } from '../pod.ts';
import { PodAwaits, PodUnfit } from '../pod-errors.ts';
import type { Entries, ReferenceKind } from '../references.ts';
import { tokenWish, wishKey } from '../tokens/token-wish.ts';
import type {
  DownwardFile,
  FileSource,
  KeyToPath,
  ProjectedSource,
  TokenSource,
  Volume,
} from './volume.ts';

/** Mode of a projected file that nobody gave one. */
const DEFAULT_FILE_MODE = 0o644;
/** Mode of a token when it is known who is to read it. */
const TOKEN_MODE = 0o600;
/** What a pod's fsGroup may do with projected files, whatever their mode. */
const GROUP_READS = 0o440;

export interface VolumeFile {
  /** Relative, with `/`; never leads out of the volume. */
  readonly path: string;
  readonly mode: number;
  readonly bytes: Buffer;
  /** Whose it is; absent: the agent's. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** The files of a volume that is made of objects; undefined when it is of another kind. */
export function filesOf(volume: Volume, sources: Sources): VolumeFile[] | undefined {
  const files = filesOfKind(volume, sources);
  const gid = sources.pod.spec.securityContext?.fsGroup;
  const byPath = new Map(files?.map((file) => [file.path, file])); // a later source wins
  const all = [...byPath.values()];
  if (gid !== undefined) return files && all.map((file) => sharedWith(gid, file));
  return files && all;
}

function sharedWith(gid: number, file: VolumeFile): VolumeFile {
  return { ...file, mode: file.mode | GROUP_READS, gid };
}

function filesOfKind(volume: Volume, sources: Sources): VolumeFile[] | undefined {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap) {
    const { name, defaultMode } = configMap;
    return keyFiles('configmap', name, configMap, defaultMode, sources);
  }
  if (secret) return keyFiles('secret', secret.secretName, secret, secret.defaultMode, sources);
  if (downwardAPI) return downwardFiles(downwardAPI.items, downwardAPI.defaultMode, sources);
  if (!projected) return undefined;
  return (projected.sources ?? []).flatMap((source) =>
    projectedFiles(source, projected.defaultMode, sources),
  );
}

function projectedFiles(
  source: ProjectedSource,
  mode: number | undefined,
  sources: Sources,
): VolumeFile[] {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap) return keyFiles('configmap', configMap.name, configMap, mode, sources);
  if (secret) return keyFiles('secret', secret.name, secret, mode, sources);
  if (serviceAccountToken) return [tokenFile(serviceAccountToken, mode, sources)];
  if (downwardAPI) return downwardFiles(downwardAPI.items, mode, sources);
  const [kind = 'none'] = Object.keys(source);
  throw new PodUnfit(`projected source ${kind} is unknown to this node`);
}

function keyFiles(
  kind: ReferenceKind,
  name: string | undefined,
  { items, optional }: FileSource,
  defaultMode: number | undefined,
  sources: Sources,
): VolumeFile[] {
  const entries = entriesOf(kind, name ?? '', optional, sources);
  if (!entries) return [];
  const wanted = items ?? [...entries.keys()].map((key) => ({ key, path: key }));
  return wanted.flatMap((item) => keyFile(item, entries, optional, defaultMode));
}

function keyFile(
  { key, path, mode }: KeyToPath,
  entries: Entries,
  optional: boolean | undefined,
  defaultMode: number | undefined,
): VolumeFile[] {
  const bytes = entries.get(key);
  if (bytes) return [{ path: inside(path), mode: mode ?? defaultMode ?? DEFAULT_FILE_MODE, bytes }];
  if (optional === true) return [];
  throw new PodUnfit(`references non-existent config key: ${key}`);
}

function downwardFiles(
  items: readonly DownwardFile[] = [],
  defaultMode: number | undefined,
  { pod, surroundings }: Sources,
): VolumeFile[] {
  return items.map(({ path, mode, fieldRef, resourceFieldRef }) => {
    const text = fieldRef
      ? fieldValue(fieldRef, pod, surroundings, true)
      : resourceValue(
          resourceFieldRef ?? { resource: '' },
          namedContainer(pod, resourceFieldRef?.containerName),
          surroundings,
        );
    const bytes = Buffer.from(text, 'utf8');
    return { path: inside(path), mode: mode ?? defaultMode ?? DEFAULT_FILE_MODE, bytes };
  });
}

/**
 * A token is for its readers alone where it is known who they are: the pod's fsGroup, or the one user
 * as whom all containers run.
 */
function tokenFile(
  source: TokenSource,
  defaultMode: number | undefined,
  { pod, tokens }: Sources,
): VolumeFile {
  const held = tokens?.get(wishKey(tokenWish(source)));
  if (!held || held.phase === 'awaited') throw new PodAwaits('the token is being fetched');
  if (held.phase === 'failed') throw new PodUnfit(`failed to fetch token: ${held.message}`);
  const uid = onlyUser(pod.spec);
  const isPrivate = uid !== undefined || pod.spec.securityContext?.fsGroup !== undefined;
  const mode = isPrivate ? TOKEN_MODE : (defaultMode ?? DEFAULT_FILE_MODE);
  const bytes = Buffer.from(held.token, 'utf8');
  return { path: inside(source.path), mode, bytes, ...(uid !== undefined && { uid }) };
}

function onlyUser({
  securityContext,
  initContainers = [],
  containers,
}: PodSpec): number | undefined {
  const [first, ...others] = [...initContainers, ...containers].map(
    (container) => container.securityContext?.runAsUser ?? securityContext?.runAsUser,
  );
  return others.every((user) => user === first) ? first : undefined;
}

/** The API refuses such paths; what comes from elsewhere must not write outside its volume either. */
function inside(path: string): string {
  const parts = path.split('/');
  if (path === '' || path.startsWith('..') || parts.includes('..') || path.startsWith('/'))
    throw new PodUnfit(`invalid path ${JSON.stringify(path)}`);
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}
