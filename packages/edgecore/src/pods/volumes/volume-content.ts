import { createHash } from 'node:crypto';
import { entriesOf, type Sources } from '../env.ts';
import { fieldValue, namedContainer, resourceValue } from '../field-ref.ts';
import type { DownwardFile, FileSource, KeyToPath, ProjectedSource, Volume } from '../pod.ts';
import { PodUnfit } from '../pod-errors.ts';
import type { Entries, ReferenceKind } from '../references.ts';

/** Mode of a projected file that nobody gave one. */
const DEFAULT_FILE_MODE = 0o644;

export interface VolumeFile {
  /** Relative, with `/`; never leads out of the volume. */
  readonly path: string;
  readonly mode: number;
  readonly bytes: Buffer;
}

/** What a volume is to be on this node. */
export type VolumeContent =
  /** Files that follow what they are made of. */
  | { readonly type: 'files'; readonly name: string; readonly files: readonly VolumeFile[] }
  /** A directory of the pod's own. */
  | { readonly type: 'directory'; readonly name: string }
  /** Something of the host's, which must be, or is made to be, what `expected` says. */
  | {
      readonly type: 'host';
      readonly name: string;
      readonly path: string;
      readonly expected: string;
    };

/**
 * What a volume of a pod holds, made of what the node holds. Throws PodUnfit when something that is
 * not optional is missing, or the kind of volume is not known here.
 *
 * @see https://kubernetes.io/docs/concepts/storage/volumes/
 */
export function volumeContent(volume: Volume, sources: Sources): VolumeContent {
  const { name, emptyDir, hostPath } = volume;
  if (emptyDir) return { type: 'directory', name };
  if (hostPath) return { type: 'host', name, path: hostPath.path, expected: hostPath.type ?? '' };
  const files = filesOf(volume, sources);
  if (!files)
    throw new PodUnfit(`volume ${JSON.stringify(name)} is of a kind unknown to this node`);
  const byPath = new Map(files.map((file) => [file.path, file])); // a later source wins
  return { type: 'files', name, files: [...byPath.values()] };
}

/** Changes whenever a file, its mode or its content does. */
export function digestOf(contents: readonly VolumeContent[]): string {
  const hash = createHash('sha256');
  for (const content of contents) {
    const { type, name } = content;
    hash.update(JSON.stringify(type === 'host' ? content : { type, name }));
    if (content.type !== 'files') continue;
    for (const { path, mode, bytes } of content.files)
      hash.update(JSON.stringify({ path, mode, length: bytes.length })).update(bytes);
  }
  return hash.digest('hex');
}

function filesOf(volume: Volume, sources: Sources): VolumeFile[] | undefined {
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
  const { configMap, secret, downwardAPI } = source;
  if (configMap) return keyFiles('configmap', configMap.name, configMap, mode, sources);
  if (secret) return keyFiles('secret', secret.name, secret, mode, sources);
  return downwardFiles(downwardAPI?.items, mode, sources);
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

/** The API refuses such paths; what comes from elsewhere must not write outside its volume either. */
function inside(path: string): string {
  const parts = path.split('/');
  if (path === '' || path.startsWith('..') || parts.includes('..') || path.startsWith('/'))
    throw new PodUnfit(`invalid path ${JSON.stringify(path)}`);
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}
