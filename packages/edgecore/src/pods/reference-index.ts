import type { ObjectKey, ResourceName } from '@skerry/shared/names';

/** Which pods are to be looked at when something that they refer to changes. */
export class ReferenceIndex {
  readonly #byPod = new Map<ObjectKey, ReadonlySet<ObjectKey>>();

  /** Replaces what is known of one pod; no references, nothing known. */
  set(pod: ObjectKey, references: ReadonlySet<ObjectKey>): void {
    if (references.size === 0) this.#byPod.delete(pod);
    else this.#byPod.set(pod, references);
  }

  /** Pods that refer to `reference`; asked rarely, so it looks through all pods. */
  users(reference: ObjectKey): ObjectKey[] {
    return [...this.#byPod].flatMap(([pod, references]) =>
      references.has(reference) ? [pod] : [],
    );
  }

  /** Pods that refer to anything of that resource. */
  usersOf(resource: ResourceName): ObjectKey[] {
    return [...this.#byPod].flatMap(([pod, references]) =>
      [...references].some((key) => key.startsWith(`${resource}/`)) ? [pod] : [],
    );
  }
}
