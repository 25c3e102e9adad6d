import type { Change } from '../change.ts';
import { objectKey, resourceName, uid, version, type ObjectKey } from '../names.ts';

/** The key of a ConfigMap in the namespace `default`. */
export function keyOf(name: string): ObjectKey {
  return objectKey(resourceName('configmaps'), 'default', name);
}

/** A change whose object has `bytes` bytes and names its version. */
export function madeChange(name: string, at: number | bigint, bytes: number = 2): Change {
  return {
    key: keyOf(name),
    uid: uid(`uid-${name}`),
    version: version(String(at)),
    object: new TextEncoder().encode(`"${String(at)}"`.padEnd(bytes)),
  };
}

export function madeTombstone(name: string, at: number | bigint): Change {
  const { key, uid: id, version: when } = madeChange(name, at);
  return { key, uid: id, version: when };
}
