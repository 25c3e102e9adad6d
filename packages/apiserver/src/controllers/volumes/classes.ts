import type { StorageClass } from '../client/storage-kinds.ts';

/** Marks the class that claims without one are given. */
export const defaultClassAnnotation = 'storageclass.kubernetes.io/is-default-class';
const olderAnnotation = 'storageclass.beta.kubernetes.io/is-default-class';

/** The class of claims that name none: the newest that is marked, of equals the first by name. */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  return classes
    .filter(({ metadata: { annotations = {} } }) =>
      [defaultClassAnnotation, olderAnnotation].some((name) => annotations[name] === 'true'),
    )
    .toSorted(
      ({ metadata: one }, { metadata: other }) =>
        Date.parse(other.creationTimestamp) - Date.parse(one.creationTimestamp) ||
        (one.name < other.name ? -1 : 1),
    )[0];
}

/** Whether volumes of the class are bound only when it is known where they will be used. */
export function waitsForConsumer(kind: StorageClass | undefined): boolean {
  return kind?.volumeBindingMode === 'WaitForFirstConsumer';
}
