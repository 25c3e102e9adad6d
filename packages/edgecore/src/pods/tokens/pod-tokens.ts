import type { Clock } from '@skerry/shared/clock';
import { codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { ObjectKey } from '@skerry/shared/names';
import type { Store, Table } from '@skerry/shared/store';
import type { TokenSource } from '../../link/token-requests.ts';
import type { PodObject } from '../pod.ts';
import { PART_RETRIES, failedAgain, type Fault } from '../progress.ts';
import {
  fromEntry,
  recordKey,
  rotatesAt,
  toEntry,
  uidOf,
  type TokenRecord,
} from './token-record.ts';
import { tokenWishes, type HeldTokens, type TokenState, type TokenWish } from './token-wish.ts';

export interface PodTokensParts {
  readonly store: Store;
  /** Asks the hub. */
  readonly source: TokenSource;
  /** Told when what is held for a pod has changed. */
  readonly wake: (pod: ObjectKey) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** One token of one pod, being fetched. */
interface Fetch {
  readonly uid: string;
  readonly key: ObjectKey;
  readonly pod: PodObject;
  readonly wish: TokenWish;
  readonly record: string;
}

/**
 * The service-account tokens of this node's pods. They are kept on disk, so that a pod that is started
 * while the node is cut off finds the one it had; an old token is better than none, for only who can be
 * reached judges its age.
 */
export class PodTokens {
  readonly #parts: PodTokensParts;
  readonly #table: Table;
  readonly #records: Map<string, TokenRecord>;
  readonly #faults = new Map<string, Fault>();
  /** By record: being fetched, or waiting to be fetched again. */
  readonly #fetches = new Map<string, AbortController>();

  private constructor(parts: PodTokensParts, table: Table, records: Map<string, TokenRecord>) {
    this.#parts = parts;
    this.#table = table;
    this.#records = records;
  }

  static async open(parts: PodTokensParts): Promise<PodTokens> {
    const table = parts.store.table('tokens');
    const records = new Map<string, TokenRecord>();
    for await (const [key, entry] of table.entries()) records.set(key, fromEntry(entry));
    return new PodTokens(parts, table, records);
  }

  /** What is held for the pod now. What is missing or due is begun to be fetched, until `signal` aborts. */
  look(key: ObjectKey, pod: PodObject, signal: AbortSignal): HeldTokens {
    const { uid } = pod.metadata;
    const states = new Map<string, TokenState>();
    for (const [name, wish] of tokenWishes(pod)) {
      const record = recordKey(uid, name);
      const held = this.#records.get(record);
      if (!held || rotatesAt(held) <= this.#parts.clock.now())
        this.#begin({ uid, key, pod, wish, record }, signal);
      states.set(name, this.#stateOf(record));
    }
    return states;
  }

  /** Nothing of the pod is left here. Resolves when its tokens are off the disk. */
  async forget(uid: string): Promise<void> {
    await this.#remove((key) => uidOf(key) === uid);
  }

  /** Uids of pods of which a token is held. */
  holders(): ReadonlySet<string> {
    return new Set([...this.#records.keys()].map(uidOf));
  }

  async #remove(is: (key: string) => boolean): Promise<void> {
    for (const [key, fetch] of this.#fetches) if (is(key)) fetch.abort();
    const gone = [...this.#records.keys()].filter(is);
    for (const key of gone) this.#records.delete(key);
    if (gone.length > 0) await this.#parts.store.commit(gone.map((key) => this.#table.del(key)));
  }

  #stateOf(record: string): TokenState {
    const held = this.#records.get(record);
    if (held) return { phase: 'held', token: held.token };
    const fault = this.#faults.get(record);
    return fault ? { phase: 'failed', message: fault.message } : { phase: 'awaited' };
  }

  #begin(fetch: Fetch, signal: AbortSignal): void {
    const { record } = fetch;
    if (this.#fetches.has(record)) return;
    const stop = new AbortController();
    this.#fetches.set(record, stop);
    const ending = AbortSignal.any([signal, stop.signal]);
    void this.#fetch(fetch, ending)
      .catch((error: unknown) => {
        if (isAbort(error, ending)) return;
        const { log } = this.#parts;
        log.warn(
          { key: fetch.key, code: codeOf(error), error: messageOf(error) },
          'token not kept',
        );
      })
      .finally(() => {
        this.#fetches.delete(record);
        this.#faults.delete(record);
      });
  }

  /** Asks until there is an answer, ever less often, but at once when there is a link again. */
  async #fetch(fetch: Fetch, signal: AbortSignal): Promise<void> {
    const { source, clock, wake } = this.#parts;
    for (;;) {
      try {
        await this.#keep(fetch, await source.ask(questionOf(fetch), signal), signal);
        wake(fetch.key);
        return;
      } catch (error) {
        signal.throwIfAborted();
        const why = { reason: codeOf(error), message: messageOf(error) };
        const before = this.#faults.get(fetch.record);
        const fault = failedAgain(before, why, PART_RETRIES, clock.now());
        this.#faults.set(fetch.record, fault);
        wake(fetch.key);
        await this.#pause(fault.retryAt - clock.now(), signal);
      }
    }
  }

  async #keep(
    { record }: Fetch,
    { token, lifeSeconds }: { readonly token: string; readonly lifeSeconds: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { store, clock } = this.#parts;
    const receivedAt = clock.now();
    const before = this.#records.get(record);
    const held: TokenRecord = {
      ...{ token, receivedAt, expiresAt: receivedAt + lifeSeconds * 1000 },
      ...(before && { previous: { token: before.token, expiresAt: before.expiresAt } }),
    };
    signal.throwIfAborted();
    this.#records.set(record, held);
    await store.commit([this.#table.put(record, toEntry(held))]);
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const { clock, source } = this.#parts;
    const enough = new AbortController();
    const unlisten = source.whenUp(() => enough.abort());
    const either = AbortSignal.any([signal, enough.signal]);
    await clock.sleep(ms, either).catch(() => undefined);
    unlisten();
    signal.throwIfAborted();
  }
}

function questionOf({ pod, wish }: Fetch): Parameters<TokenSource['ask']>[0] {
  const { namespace, name, uid } = pod.metadata;
  return {
    namespace,
    serviceAccount: pod.spec.serviceAccountName ?? 'default',
    pod: name,
    podUid: uid,
    ...wish,
  };
}
