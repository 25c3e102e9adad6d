import type { ObjectKey } from '@skerry/shared/names';

/** Which pods are to be looked at when a ConfigMap or Secret changes. */
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
}
