import { version, type ObjectKey, type Version } from '@skerry/shared/names';
import { Recent } from '@skerry/shared/recent';
import type { KubeSource } from '../kube/kube-api.ts';
import type { ResourceType } from '../kube/resource.ts';
import type { Observed } from '../route/observed.ts';
import type { Fields } from './merge-diff.ts';

/** An object with the few fields that the writers read. */
export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
  };
  readonly spec?: Fields;
  readonly status?: Fields;
}

/** What the hub's own watches have seen. */
export interface Cache {
  find(key: ObjectKey): Observed | undefined;
}

/** Objects of our own writing remembered until the watch has shown them. */
export const rememberedWrites = 4_096;

/**
 * The newest state of objects that the hub knows without asking: what its watches show or, when that is
 * newer, what its own last write answered. Saves a read before every write, and a conflict after.
 */
export class CurrentObjects {
  readonly #source: Pick<KubeSource, 'get'>;
  readonly #cache: Cache;
  readonly #written = new Recent<ObjectKey, KubeObject>(rememberedWrites);

  constructor(source: Pick<KubeSource, 'get'>, cache: Cache) {
    this.#source = source;
    this.#cache = cache;
  }

  /** As far as known; asks the server when nothing is. Throws NotFound. */
  async get(type: ResourceType, key: ObjectKey, signal: AbortSignal): Promise<KubeObject> {
    return this.known(key) ?? (await this.reread(type, key, signal));
  }

  known(key: ObjectKey): KubeObject | undefined {
    const seen = this.#cache.find(key);
    const written = this.#written.get(key);
    if (written && (!seen || versionOf(written) > seen.version)) return written;
    this.#written.delete(key);
    return seen?.object && parseObject(Buffer.from(seen.object));
  }

  /** As the server has it now. Throws NotFound. */
  async reread(type: ResourceType, key: ObjectKey, signal: AbortSignal): Promise<KubeObject> {
    this.#written.delete(key);
    return this.remember(key, await this.#source.get(type, key, signal));
  }

  /** What the server answered to a write. */
  remember(key: ObjectKey, answer: Buffer): KubeObject {
    const object = parseObject(answer);
    this.#written.set(key, object);
    return object;
  }

  /** The object is gone. */
  forget(key: ObjectKey): void {
    this.#written.delete(key);
  }
}

export function parseObject(bytes: Buffer): KubeObject {
  return JSON.parse(bytes.toString('utf8')) as KubeObject;
}

function versionOf({ metadata }: KubeObject): Version {
  return version(metadata.resourceVersion);
}
