import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeApi } from '@skerry/cloudhub/kube/kube-api';
import { AlreadyExists, NotFound } from '@skerry/cloudhub/kube/kube-errors';
import { EdgeError } from '@skerry/shared/errors';
import { version, type ObjectKey, type Version } from '@skerry/shared/names';
import type { Journal } from './journal.ts';
import { annotationOf, keyOf, namespace, objectOf, patchOf, typeOf } from './objects.ts';
import type { Write } from './writes.ts';

/** What the API has acknowledged of one object. */
export interface Acked {
  readonly uid: string;
  readonly version: Version;
  /** By annotation. */
  readonly slots: Readonly<Record<string, string>>;
}

/** An object as the API tells it. */
export interface Told {
  readonly metadata: {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

const atOnce = 16;
const retryMs = 100;

/**
 * Writes to the API, each until it is answered, those of one object in order; compares every answer with
 * all that was acknowledged before, so that a write that was lost shows at the next of its object.
 */
export class Writer {
  /** Objects that must exist, with what was acknowledged of them. */
  readonly acked = new Map<ObjectKey, Acked>();
  /** The highest version acknowledged of each key, also of those that are gone. */
  readonly #highest = new Map<ObjectKey, Version>();
  readonly #lines = new Map<ObjectKey, Promise<void>>();
  readonly #api: KubeApi;
  readonly #journal: Journal;

  constructor(api: KubeApi, journal: Journal) {
    this.#api = api;
    this.#journal = journal;
  }

  /** Spread over `ms`, or longer when the API cannot follow. */
  async run(writes: readonly Write[], ms: number, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    let next = 0;
    const worker = async (): Promise<void> => {
      for (;;) {
        const i = next++;
        const write = writes[i];
        if (!write) return;
        const earlyMs = began + (ms * i) / writes.length - performance.now();
        if (earlyMs > 0) await sleep(earlyMs, undefined, { signal });
        await this.#inLine(write, signal);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  #inLine(write: Write, signal: AbortSignal): Promise<void> {
    const key = keyOf(write.kind, write.name);
    const line = (this.#lines.get(key) ?? Promise.resolve()).then(() => this.#do(write, signal));
    this.#lines.set(key, line);
    return line;
  }

  async #do(write: Write, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        await this.#attempt(write, attempt > 1, signal);
        this.#journal.count(`writes ${write.do}`);
        return;
      } catch (error) {
        if (!(error instanceof EdgeError) || error.disposition !== 'retry') throw error;
        this.#journal.count('writes unanswered');
        await sleep(retryMs, undefined, { signal });
      }
    }
  }

  /** `again`: an earlier attempt was not answered, and may have been carried out. */
  async #attempt(write: Write, again: boolean, signal: AbortSignal): Promise<void> {
    const { kind, name } = write;
    const [key, type] = [keyOf(kind, name), typeOf[kind]];
    const lost = (what: string): void => {
      this.#journal.violation(`the API lost an acknowledged write: ${key} ${what}`);
    };
    try {
      switch (write.do) {
        case 'create':
          this.#take(
            key,
            write,
            await this.#api.create(type, namespace, objectOf(kind, name, write), signal),
          );
          return;
        case 'update': {
          const patch = { kind: 'merge' as const, body: patchOf(kind, name, write) };
          this.#take(key, write, await this.#api.patch(type, key, patch, signal));
          return;
        }
        case 'delete':
          await this.#api.delete(type, key, { graceSeconds: 0 }, signal);
          this.acked.delete(key);
          return;
      }
    } catch (error) {
      if (error instanceof AlreadyExists && write.do === 'create') {
        if (!again) lost('is there, and was deleted');
        this.#take(key, write, await this.#api.get(type, key, signal));
      } else if (error instanceof NotFound && write.do !== 'create') {
        if (!again || write.do === 'update') lost(`is not there to ${write.do}`);
        this.acked.delete(key);
      } else throw error;
    }
  }

  #take(key: ObjectKey, write: Write, answer: Buffer): void {
    const told = JSON.parse(answer.toString()) as Told;
    const before = write.do === 'update' ? this.acked.get(key) : undefined;
    const now: Acked = {
      uid: told.metadata.uid,
      version: version(told.metadata.resourceVersion),
      slots: { ...before?.slots, [annotationOf(write.slot)]: write.value },
    };
    const broken = flaw(now, told, before, this.#highest.get(key));
    if (broken) this.#journal.violation(`${key}, write ${write.value}: ${broken}`);
    this.acked.set(key, now);
    this.#highest.set(key, now.version);
  }
}

/** What an object lacks that was acknowledged; undefined when nothing does. */
export function missing(acked: Acked, told: Told): string | undefined {
  const { uid, resourceVersion, annotations = {} } = told.metadata;
  if (uid !== acked.uid) return `has uid ${uid}, not ${acked.uid}`;
  if (version(resourceVersion) < acked.version)
    return `is at ${resourceVersion}, acknowledged was ${acked.version}`;
  for (const [slot, value] of Object.entries(acked.slots))
    if (annotations[slot] !== value)
      return `has ${annotations[slot] ?? 'nothing'} in ${slot}, acknowledged was ${value}`;
  return undefined;
}

function flaw(
  now: Acked,
  told: Told,
  before: Acked | undefined,
  highest: Version | undefined,
): string | undefined {
  if (highest !== undefined && now.version <= highest)
    return `its version went from ${highest} to ${now.version}`;
  if (before && before.uid !== now.uid) return `its uid changed without a deletion`;
  return missing(now, told);
}
