import type { KubeSource, ListPage, WatchEvent } from '@skerry/cloudhub/kube/kube-api';
import { Gone, Unavailable } from '@skerry/cloudhub/kube/kube-errors';
import { configMaps, pods, type ResourceType } from '@skerry/cloudhub/kube/resource';
import {
  objectKey,
  resourceName,
  uid,
  type NodeName,
  type ObjectKey,
  type Uid,
  type Version,
} from '@skerry/shared/names';
import type { Machine } from './machine.ts';

/** What a pod or a ConfigMap of the simulation says. */
export interface Meaning {
  /** A pod's node. */
  readonly node?: NodeName | undefined;
  /** Names of the ConfigMaps that a pod refers to. */
  readonly refers: readonly string[];
  /** Counts what is desired. */
  readonly generation: number;
}

export interface Stored extends Meaning {
  readonly key: ObjectKey;
  readonly uid: Uid;
  readonly version: Version;
}

interface Logged {
  readonly type: ResourceType;
  readonly version: bigint;
  readonly stored: Stored;
  readonly gone: boolean;
}

interface Backup {
  readonly objects: ReadonlyMap<ObjectKey, Stored>;
  readonly newest: bigint;
}

/** Versions that pass between a backup and its restore: it must not overtake itself unseen. */
const lostVersions = 10_000n;

export function keyOf(type: ResourceType, name: string): ObjectKey {
  return objectKey(resourceName(type.plural, type.group), 'default', name);
}

/** The cluster: the truth that every node must become equal to. */
export class SimCluster {
  #objects = new Map<ObjectKey, Stored>();
  #log: Logged[] = [];
  #newest = 100n;
  #compacted = 0n;
  #uids = 0;
  #backup: Backup | undefined;
  #isRestored = false;
  readonly #watches = new Set<Watch>();
  /** Answers nobody. */
  isRefusing = false;

  get newest(): Version {
    return this.#newest as Version;
  }

  get size(): number {
    return this.#objects.size;
  }

  find(key: ObjectKey): Stored | undefined {
    return this.#objects.get(key);
  }

  /** What a node is to hold. */
  needs(node: NodeName): Map<ObjectKey, Stored> {
    const needed = new Map<ObjectKey, Stored>();
    for (const pod of this.#objects.values()) {
      if (pod.node !== node) continue;
      needed.set(pod.key, pod);
      for (const name of pod.refers) {
        const config = this.#objects.get(keyOf(configMaps, name));
        if (config) needed.set(config.key, config);
      }
    }
    return needed;
  }

  /** Creates or changes. */
  put(type: ResourceType, name: string, meaning: Meaning): void {
    const key = keyOf(type, name);
    const id = this.#objects.get(key)?.uid ?? uid(`u${++this.#uids}`);
    const stored = { ...meaning, key, uid: id, version: ++this.#newest as Version };
    this.#objects.set(key, stored);
    this.#tell({ type, stored, version: stored.version, gone: false });
  }

  delete(type: ResourceType, name: string): void {
    const key = keyOf(type, name);
    const stored = this.#objects.get(key);
    if (!stored) return;
    this.#objects.delete(key);
    const at = ++this.#newest;
    this.#tell({ type, stored: { ...stored, version: at as Version }, version: at, gone: true });
  }

  /** Watches cannot resume from before now. */
  compact(): void {
    this.#compacted = this.#newest;
    this.#log = [];
  }

  /** Nobody could tell a cluster that was restored and has overtaken itself: so only before a restore. */
  backUp(): boolean {
    if (this.#isRestored) return false;
    this.#backup = { objects: new Map(this.#objects), newest: this.#newest };
    this.#newest += lostVersions;
    return true;
  }

  /** Puts the backup in the place of everything: versions begin anew where it was made. */
  restore(): boolean {
    if (!this.#backup) return false;
    this.#objects = new Map(this.#backup.objects);
    this.#newest = this.#backup.newest;
    this.#compacted = this.#newest;
    this.#log = [];
    this.#backup = undefined;
    this.#isRestored = true;
    this.breakWatches();
    return true;
  }

  breakWatches(): void {
    for (const watch of this.#watches) watch.break();
  }

  /** The API as one hub reaches it. */
  source(machine: Machine): KubeSource {
    return {
      list: (type, { limit }, signal) => this.#list(type, limit, machine, signal),
      watch: (type, { from }, signal) => this.#watch(type, from, machine, signal),
      get: () => Promise.reject(new Unavailable('not simulated')),
    };
  }

  /** What a request takes, until the server has decided. */
  async request(machine: Machine, signal: AbortSignal): Promise<void> {
    const era = this.#isRestored;
    await machine.sleep(machine.timeline.random.delay(5, 500), signal);
    if (this.isRefusing || era !== this.#isRestored)
      throw new Unavailable('the API server refuses');
  }

  async #list(
    type: ResourceType,
    limit: number,
    machine: Machine,
    signal: AbortSignal,
  ): Promise<ListPage> {
    const era = this.#isRestored;
    await this.request(machine, signal);
    const page = {
      items: [...this.#objects.values()]
        .filter(({ key }) => key.startsWith(`${type.plural}/`))
        .slice(0, limit)
        .map((stored) => toJson(type, stored)),
      version: this.newest,
    };
    await machine.sleep(machine.timeline.random.delay(5, 300), signal);
    if (era !== this.#isRestored) throw new Unavailable('the API server went away');
    return page;
  }

  async *#watch(
    type: ResourceType,
    from: Version,
    machine: Machine,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent, void> {
    await this.request(machine, signal);
    if (from < this.#compacted) throw new Gone('compacted');
    const missed = this.#log.filter((each) => each.type === type && each.version > from);
    const watch = new Watch(type, missed, machine);
    this.#watches.add(watch);
    try {
      for (;;) {
        const next = await watch.next(signal);
        if (next === 'idle') yield { type: 'bookmark', version: this.newest };
        else yield { type: next.gone ? 'delete' : 'put', object: toJson(type, next.stored) };
      }
    } finally {
      this.#watches.delete(watch);
    }
  }

  #tell(logged: Logged): void {
    this.#log.push(logged);
    for (const watch of this.#watches) if (watch.type === logged.type) watch.push(logged);
  }
}

const bookmarkEveryMs = 20_000;

/** One watch: what it has to tell arrives in order, each event some time after it happened. */
class Watch {
  readonly type: ResourceType;
  readonly #machine: Machine;
  readonly #events: Logged[];
  #broken = false;
  #ring: (() => void) | undefined;

  constructor(type: ResourceType, missed: Logged[], machine: Machine) {
    this.type = type;
    this.#events = missed;
    this.#machine = machine;
  }

  push(event: Logged): void {
    this.#events.push(event);
    this.#ring?.();
  }

  break(): void {
    this.#broken = true;
    this.#ring?.();
  }

  async next(signal: AbortSignal): Promise<Logged | 'idle'> {
    const { random } = this.#machine.timeline;
    if (this.#events.length === 0 && !this.#broken) {
      const idle = await this.#wait(signal);
      if (idle) return 'idle';
    }
    await this.#machine.sleep(random.delay(3, 2_000), signal);
    if (this.#broken) throw new Unavailable('the watch broke');
    return this.#events.shift()!;
  }

  /** True when nothing came for long. */
  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const callOff = this.#machine.later(bookmarkEveryMs, () => this.#answer(resolve, true));
      const onAbort = (): void => {
        callOff();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#ring = () => {
        signal.removeEventListener('abort', onAbort);
        callOff();
        this.#answer(resolve, false);
      };
    });
  }

  #answer(resolve: (idle: boolean) => void, idle: boolean): void {
    this.#ring = undefined;
    resolve(idle);
  }
}

function toJson(type: ResourceType, { key, uid: id, version: at, ...meaning }: Stored): Buffer {
  const metadata = {
    name: key.slice(key.lastIndexOf('/') + 1),
    namespace: 'default',
    uid: id,
    resourceVersion: String(at),
    generation: meaning.generation,
  };
  const object =
    type === pods
      ? { kind: 'Pod', metadata, spec: { nodeName: meaning.node, volumes: volumesOf(meaning) } }
      : { kind: 'ConfigMap', metadata };
  return Buffer.from(JSON.stringify(object));
}

function volumesOf({ refers }: Meaning): object[] {
  return refers.map((name) => ({ configMap: { name } }));
}
