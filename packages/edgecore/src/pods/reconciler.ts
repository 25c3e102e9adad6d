import { keyParts, type ObjectKey, type Uid } from '@skerry/shared/names';
import type { Requeue } from '@skerry/shared/workqueue';
import type { PodIdentity } from '../runtime/observed.ts';
import type { PodVerdict } from './admission.ts';
import { turnHeld, type HeldPod, type SeenPods, type TurnParts } from './held-turn.ts';
import { offlinePolicyOf } from './offline-policy.ts';
import { parsePod } from './parse-pod.ts';
import type { PodObject } from './pod.ts';
import type { PodMemory } from './pod-memory.ts';
import { isBeingDeleted } from './pod-fate.ts';
import { PODS } from './pod-key.ts';
import { recordFrom, type PodRecord } from './pod-record.ts';
import { identityOf } from './pod-shape.ts';
import { finalPhase } from './pod-status.ts';
import { PodProgress } from './progress.ts';
import { ReferenceIndex } from './reference-index.ts';
import { watchedBy } from './references.ts';
import { turnStray, type StrayPod } from './stray-turn.ts';
import { CLAIMS, VOLUMES } from './volumes/claims.ts';
import { podDirectory, removePodDirectory } from './volumes/volume-dirs.ts';

/**
 * Brings what runs on this machine to what the node holds, one pod's name at a time. Several uids may
 * bear one name: the held one is run, every other is ended.
 */
export class PodReconciler {
  readonly #parts: TurnParts;
  readonly #memories = new Map<ObjectKey, PodMemory>();
  readonly #strays = new Map<Uid, PodProgress>();
  readonly #references = new ReferenceIndex();
  /** Pods that are stopped when the node has been cut off for long. */
  readonly #offlineStops = new Set<ObjectKey>();

  constructor(parts: TurnParts) {
    this.#parts = parts;
  }

  /** One turn for a key: of a pod, or of something that pods may refer to. */
  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Requeue> {
    const { resource } = keyParts(key);
    if (resource === PODS) return this.#reconcilePod(key, signal);
    // A volume is referred to by claims only, so that all who have one are looked at.
    const users =
      resource === VOLUMES ? this.#references.usersOf(CLAIMS) : this.#references.users(key);
    for (const pod of users) this.#parts.dirty.add(pod, key);
    return undefined;
  }

  async #reconcilePod(key: ObjectKey, signal: AbortSignal): Promise<Requeue> {
    const held = await this.#parts.objects.get(key);
    const pod = held && { key, object: parsePod(held.object), version: held.version };
    this.#references.set(key, pod ? watchedBy(pod.object) : new Set());
    if (pod && offlinePolicyOf(pod.object)?.do === 'stop-after') this.#offlineStops.add(key);
    else this.#offlineStops.delete(key);
    const seen = await this.#endOthers(key, pod && identityOf(pod.object), signal);
    if (!pod) return undefined;
    if (!isBeingDeleted(pod.object)) this.#takeBack(key);
    const memory = await this.#memoryOf(pod);
    return memory.hasLeft ? undefined : turnHeld(this.#parts, pod, memory, seen, signal);
  }

  /** A pod that was ended because it was deleted here, which the cluster refused, begins anew. */
  #takeBack(key: ObjectKey): void {
    if (this.#memories.get(key)?.hasLeft === true) this.#memories.delete(key);
  }

  /** The node was cut off, or is connected again: pods that care are looked at. */
  turned(): void {
    for (const key of this.#offlineStops) this.#parts.dirty.add(key);
  }

  /** Fails a pod for good; its next turn ends what runs of it. False when it is not there any more. */
  condemn(key: ObjectKey, uid: Uid, verdict: PodVerdict): boolean {
    const memory = this.#memories.get(key);
    if (memory?.uid !== uid) return false;
    memory.condemned ??= verdict;
    this.#parts.dirty.add(key);
    return true;
  }

  /** Ends what runs under this name and is not the held pod, and forgets what is known of it; tells what it saw. */
  async #endOthers(
    key: ObjectKey,
    held: PodIdentity | undefined,
    signal: AbortSignal,
  ): Promise<SeenPods> {
    if (!held && !this.#parts.isComplete()) return new Map(); // what is not held may not have come yet
    const seen = await this.#see(key, signal);
    const strays = straysIn(seen, key, held);
    const memory = this.#memories.get(key);
    if (memory && memory.uid !== held?.uid) {
      this.#memories.delete(key);
      this.#parts.prober.forget(memory.uid);
      this.#parts.admissions?.release(memory.uid);
      if (strays.some(({ observed }) => observed.pod.uid === memory.uid))
        this.#strays.set(memory.uid, memory.progress);
      else await this.#forget(memory.uid, memory.directory);
    }
    for (const stray of strays) await this.#endStray(stray, signal);
    return strays.length > 0 ? new Map() : seen;
  }

  async #endStray(stray: StrayPod, signal: AbortSignal): Promise<void> {
    const { uid } = stray.observed.pod;
    const progress = this.#strays.get(uid) ?? new PodProgress();
    this.#strays.set(uid, progress);
    if ((await turnStray(this.#parts, stray, progress, signal)) === 'ending') return;
    this.#strays.delete(uid);
    await this.#forget(uid, podDirectory(this.#parts.podsDir, uid));
  }

  async #forget(uid: Uid, directory: string): Promise<void> {
    const { tokens, records, mounter } = this.#parts;
    await Promise.all([tokens.forget(uid), records.forget(uid)]);
    await removePodDirectory(directory, mounter);
  }

  /** What every runtime runs under a name. */
  async #see(key: ObjectKey, signal: AbortSignal): Promise<SeenPods> {
    const { namespace, name } = keyParts(key);
    const listed = this.#parts.runtimes
      .ready()
      .map(async (runtime) => [runtime, await runtime.list({ namespace, name }, signal)] as const);
    return new Map(await Promise.all(listed));
  }

  async #memoryOf({ key, object }: HeldPod): Promise<PodMemory> {
    const known = this.#memories.get(key);
    if (known) return known;
    const { uid } = identityOf(object);
    const directory = podDirectory(this.#parts.podsDir, uid);
    const kept = await this.#parts.records.of(uid);
    const record = kept ?? (await this.#admitted(object));
    const progress = new PodProgress();
    progress.adopt(kept ? kept.reported : object.status);
    const memory = {
      uid,
      directory,
      record,
      kept: record,
      progress,
      lastWords: new Map<string, string>(),
    };
    this.#memories.set(key, memory);
    return memory;
  }

  /** The record of a pod that was never seen here: taken, or refused for good. */
  async #admitted(object: PodObject): Promise<PodRecord> {
    const { admissions } = this.#parts;
    const record = recordFrom(identityOf(object), object.status, this.#firstSeen(object));
    if (!admissions || finalPhase(object, undefined) !== undefined) return record;
    const outcome = await admissions.admit(object);
    if (outcome.do === 'refuse') return { ...record, verdict: outcome.verdict };
    return Object.keys(outcome.given).length > 0 ? { ...record, given: outcome.given } : record;
  }

  /** A pod that was here before its record was lost has its start in its status. */
  #firstSeen({ status }: PodObject): number {
    const reported = Date.parse(status?.startTime ?? '');
    return Number.isNaN(reported) ? this.#parts.clock.now() : reported;
  }
}

function straysIn(seen: SeenPods, key: ObjectKey, held: PodIdentity | undefined): StrayPod[] {
  return [...seen].flatMap(([runtime, pods]) =>
    pods.filter(({ pod }) => pod.uid !== held?.uid).map((observed) => ({ key, runtime, observed })),
  );
}
