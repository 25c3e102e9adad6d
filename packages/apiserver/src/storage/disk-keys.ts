import type { Revision, StorageKey } from './held.ts';

const revisionDigits = 16;

export function objectKey({ resource, namespace, name }: StorageKey): string {
  return `${resource}/${namespace}/${name}`;
}

export function parseObjectKey(key: string): StorageKey {
  const [resource = '', namespace = '', name = ''] = key.split('/');
  return { resource, namespace, name };
}

/** Sorts by resource, then revision. */
export function eventKey(resource: string, revision: Revision): string {
  return `${resource}/${String(revision).padStart(revisionDigits, '0')}`;
}

export function parseEventKey(key: string): { resource: string; revision: Revision } {
  const [resource = '', revision = ''] = key.split('/');
  return { resource, revision: Number(revision) };
}

/** The oldest revision from which a resource's history is complete. */
export function floorKey(resource: string): string {
  return `floor/${resource}`;
}
