import { textAt, type JsonObject, type KubeObject } from '@skerry/apiserver/json';
import { newUid } from '@skerry/apiserver/rest/identity';
import { madeAtAnnotation } from '@skerry/shared/alarms/silence';
import { kubeTime, type Clock, type Random } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import {
  keyParts,
  objectKey,
  resourceName,
  uid,
  version,
  type NodeName,
  type ObjectKey,
  type ResourceName,
} from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { Store, Table } from '@skerry/shared/store';
import { NodeEvents } from '../link/node-events.ts';
import type { Reporter } from '../link/reporter.ts';
import type { HeldObject, ObjectReader } from '../meta/object-reader.ts';

export const silencesResource: ResourceName = resourceName('silences', 'edge.skerry.io');
/** Silences made or ended here that the cluster does not show yet. */
export const maxLocalSilences = 256;
/** How long a silence that the cluster has taken holds here without having come back, milliseconds. */
export const silenceReturnMs = 60_000;

const apiVersion = 'edge.skerry.io/v1alpha1';

export interface LocalSilencesParts {
  readonly node: NodeName;
  readonly store: Store;
  readonly reporter: Reporter;
  /** What the node holds, as the cluster has sent it. */
  readonly objects: ObjectReader;
  /** Told which objects look different now. */
  readonly wake: (key: ObjectKey) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What was done here of one silence. Times are milliseconds since the epoch. */
interface Kept {
  readonly name: string;
  readonly uid: string;
  readonly at: number;
  /** As the API has it; absent: it was ended here. */
  readonly spec?: JsonObject | undefined;
  /** The cluster has taken it. */
  readonly acceptedAt?: number | undefined;
}

/** What became of the wish to end a silence. */
export type Ended = 'ended' | 'absent' | 'of-the-cluster';

/**
 * Silences that were made and ended at this node. They hold here at once, on disk before anybody is told,
 * and are reported until the cluster has taken or refused them; then they are Silences as all others. What
 * was refused ends, and becomes an Event of the Node.
 */
export class LocalSilences {
  readonly #parts: LocalSilencesParts;
  readonly #table: Table;
  readonly #kept: Map<string, Kept>;
  readonly #events: NodeEvents;

  private constructor(parts: LocalSilencesParts, table: Table, kept: Map<string, Kept>) {
    this.#parts = parts;
    this.#table = table;
    this.#kept = kept;
    this.#events = new NodeEvents(parts);
  }

  static async open(parts: LocalSilencesParts): Promise<LocalSilences> {
    const table = parts.store.table('local-silences');
    const kept = new Map<string, Kept>();
    for await (const [name, entry] of table.entries()) kept.set(name, parseJson(entry) as Kept);
    return new LocalSilences(parts, table, kept);
  }

  /** Says again what has not been taken, and forgets what is over. */
  async repeat(): Promise<void> {
    for (const kept of [...this.#kept.values()])
      if (this.#isOver(kept)) await this.#drop(kept);
      else if (kept.acceptedAt === undefined) await this.#report(kept);
  }

  /** The objects with the silences that were made here, without those that were ended here. */
  beside(objects: ObjectReader): ObjectReader {
    return {
      get: async (key) => {
        const { resource, name } = keyParts(key);
        const held = await objects.get(key);
        return resource === silencesResource ? this.#shown(name, held) : held;
      },
      list: async (resource) => {
        const held = await objects.list(resource);
        if (resource !== silencesResource) return held;
        const byName = new Map(held.map((one) => [keyParts(one.key).name, one]));
        const names = new Set([...byName.keys(), ...this.#kept.keys()]);
        return [...names].flatMap((name) => this.#shown(name, byName.get(name)) ?? []);
      },
    };
  }

  /** Whether a silence was made here and the cluster has not taken it. */
  isPending(key: ObjectKey): boolean {
    const { resource, name } = keyParts(key);
    const kept = this.#kept.get(name);
    return resource === silencesResource && kept !== undefined && kept.acceptedAt === undefined;
  }

  get isFull(): boolean {
    return this.#kept.size >= maxLocalSilences;
  }

  /** Durable when it resolves. */
  async make(name: string, spec: JsonObject): Promise<void> {
    const { clock, random } = this.#parts;
    await this.#begin({ name, uid: newUid(random), at: clock.now(), spec });
  }

  /** Durable when it resolves. One that was made in the cluster is ended there. */
  async end(name: string): Promise<Ended> {
    const held = await this.#parts.objects.get(keyOf(name));
    const shown = this.#shown(name, held);
    if (!shown) return 'absent';
    if (!this.#wasMadeHere(shown)) return 'of-the-cluster';
    const { uid: id } = held ?? shown;
    await this.#begin({ name, uid: id, at: this.#parts.clock.now() });
    return 'ended';
  }

  /** The hub has answered the newest report of a key; undefined: accepted. */
  async answered(key: ObjectKey, refusal: string | undefined): Promise<void> {
    const { resource, name } = keyParts(key);
    const kept = resource === silencesResource ? this.#kept.get(name) : undefined;
    if (!kept || kept.acceptedAt !== undefined) return;
    if (refusal === undefined) {
      await this.#keep({ ...kept, acceptedAt: this.#parts.clock.now() });
      await this.tidy(key);
      return;
    }
    await this.#drop(kept);
    await this.#tellRefused(kept, refusal);
  }

  /** Forgets what was taken, once the cluster shows it. */
  async tidy(key: ObjectKey): Promise<void> {
    const { resource, name } = keyParts(key);
    const kept = resource === silencesResource ? this.#kept.get(name) : undefined;
    if (kept?.acceptedAt === undefined) return;
    const held = await this.#parts.objects.get(key);
    const isShown = kept.spec ? held !== undefined : held?.uid !== kept.uid;
    if (isShown) await this.#drop(kept);
  }

  #shown(name: string, held: HeldObject | undefined): HeldObject | undefined {
    const kept = this.#kept.get(name);
    if (!kept || this.#isOver(kept)) return held;
    return kept.spec && this.#objectOf(kept, kept.spec);
  }

  #objectOf({ name, uid: id, at }: Kept, spec: JsonObject): HeldObject {
    const object = {
      apiVersion,
      kind: 'Silence',
      metadata: {
        ...{ name, uid: id, creationTimestamp: kubeTime(at) },
        annotations: { [madeAtAnnotation]: this.#parts.node },
      },
      spec,
    };
    const bytes = Buffer.from(JSON.stringify(object));
    return { key: keyOf(name), uid: uid(id), version: version('1'), object: bytes };
  }

  #wasMadeHere({ object }: HeldObject): boolean {
    const { metadata } = parseJson(object) as KubeObject;
    return metadata.annotations?.[madeAtAnnotation] === this.#parts.node;
  }

  /** It ended by itself, or the cluster has taken it and shows that it is there no more. */
  #isOver({ spec, acceptedAt = Infinity }: Kept): boolean {
    const now = this.#parts.clock.now();
    const endsAt = spec ? Date.parse(textAt(spec, 'endsAt') ?? '') : Infinity;
    return endsAt <= now || acceptedAt + silenceReturnMs <= now;
  }

  async #begin(kept: Kept): Promise<void> {
    await this.#keep(kept);
    await this.#report(kept);
    this.#parts.wake(keyOf(kept.name));
  }

  async #keep(kept: Kept): Promise<void> {
    const entry = Buffer.from(JSON.stringify(kept));
    await this.#parts.store.commit([this.#table.put(kept.name, entry)]);
    this.#kept.set(kept.name, kept);
  }

  async #drop({ name }: Kept): Promise<void> {
    await this.#parts.store.commit([this.#table.del(name)]);
    this.#kept.delete(name);
    this.#parts.wake(keyOf(name));
  }

  async #report({ name, spec }: Kept): Promise<void> {
    const payload = Buffer.from(JSON.stringify(spec ? { spec } : { gone: true }));
    await this.#parts.reporter.report({ class: 'status', key: keyOf(name), payload });
  }

  async #tellRefused({ name }: Kept, refusal: string): Promise<void> {
    const message = `Silence ${name} was not taken by the cluster: ${refusal}`;
    this.#parts.log.warn({ silence: name, refusal }, 'silence refused');
    await this.#events.tell({ type: 'Warning', reason: 'WriteRefused', message });
  }
}

function keyOf(name: string): ObjectKey {
  return objectKey(silencesResource, '', name);
}
