import type { Report } from '@skerry/shared/delivery/report';
import { uid, version, type ObjectKey, type ResourceName } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { Store, Table, Write } from '@skerry/shared/store';
import type { Reporter } from '../link/reporter.ts';
import type { HeldObject, ObjectReader } from '../meta/object-reader.ts';
import { parsePod } from '../pods/parse-pod.ts';
import type { PodObject, PodPhase } from '../pods/pod.ts';
import { PODS, podKey } from '../pods/pod-key.ts';
import { identityOf } from '../pods/pod-shape.ts';

/** What is to change together with the pods, in one commit. */
export interface PodChanges {
  readonly make: readonly PodObject[];
  readonly drop: readonly ObjectKey[];
  readonly also: readonly Write[];
}

/**
 * Pods that this node has made for itself, on its own disk. They run as all others do; no API server knows
 * of them, so what they come to is told here.
 */
export class LocalPods {
  readonly #store: Store;
  readonly #table: Table;
  readonly #pods = new Map<ObjectKey, HeldObject>();
  readonly #phases = new Map<ObjectKey, PodPhase>();
  readonly #wake: (key: ObjectKey) => void;
  /** Called when a pod has come to another phase. */
  onTurned: (key: ObjectKey) => void = () => undefined;

  private constructor(store: Store, wake: (key: ObjectKey) => void) {
    this.#store = store;
    this.#table = store.table('local-pods');
    this.#wake = wake;
  }

  /** `wake` is called with the key of every pod that there is or that changes. */
  static async open(store: Store, wake: (key: ObjectKey) => void): Promise<LocalPods> {
    const pods = new LocalPods(store, wake);
    for await (const [, bytes] of pods.#table.entries()) pods.#hold(parsePod(bytes), bytes);
    return pods;
  }

  /** Resolves when all of it is on disk; only then anything is begun or ended. */
  async change({ make, drop, also }: PodChanges): Promise<void> {
    const made = make.map((pod) => [pod, Buffer.from(JSON.stringify(pod))] as const);
    await this.#store.commit([
      ...also,
      ...made.map(([pod, bytes]) => this.#table.put(podKey(identityOf(pod)), bytes)),
      ...drop.map((key) => this.#table.del(key)),
    ]);
    for (const [pod, bytes] of made) this.#hold(pod, bytes);
    for (const key of drop) {
      this.#pods.delete(key);
      this.#phases.delete(key);
      this.#wake(key);
    }
  }

  has(key: ObjectKey): boolean {
    return this.#pods.has(key);
  }

  /** Undefined until the pod has been looked at. */
  phaseOf(key: ObjectKey): PodPhase | undefined {
    return this.#phases.get(key);
  }

  /** What is held from the cluster, and these pods. */
  beside(held: ObjectReader): ObjectReader {
    return {
      get: async (key) => (await held.get(key)) ?? this.#pods.get(key),
      list: async (resource: ResourceName) =>
        resource === PODS
          ? [...(await held.list(resource)), ...this.#pods.values()]
          : held.list(resource),
    };
  }

  /** Takes the reports about these pods, and passes on all others. */
  before(reporter: Reporter): Reporter {
    return {
      report: (report) => {
        if (!this.#pods.has(report.key)) return reporter.report(report);
        this.#take(report);
        return Promise.resolve();
      },
    };
  }

  #take({ key, payload }: Report): void {
    const { status } = parseJson(payload) as {
      readonly status: { readonly phase?: PodPhase };
    };
    if (status.phase === undefined || status.phase === this.#phases.get(key)) return;
    this.#phases.set(key, status.phase);
    this.onTurned(key);
  }

  #hold(pod: PodObject, object: Uint8Array): void {
    const key = podKey(identityOf(pod));
    this.#pods.set(key, { key, uid: uid(pod.metadata.uid), version: version('1'), object });
    this.#wake(key);
  }
}
