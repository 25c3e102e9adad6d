import { kubeMicroTime, type Clock } from '@skerry/shared/clock';
import { codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { objectKey } from '@skerry/shared/names';
import { supervise, type Task } from '@skerry/shared/supervise';
import { within } from '@skerry/shared/within';
import { text } from '../kube/json-read.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { AlreadyExists, Conflict, NotFound } from '../kube/kube-errors.ts';
import { apiVersionOf, leases } from '../kube/resource.ts';
import { parseObject, type KubeObject } from '../upstream/current-objects.ts';

/** Time after which a hub that has not renewed its Lease is taken for gone, milliseconds. */
export const holdMs = 20_000;
/** Time after which a hub that cannot renew its Lease stops by itself: well before another begins. */
const giveUpMs = 10_000;
/** Time between two renewals, or two looks at a Lease that another holds, milliseconds. */
export const renewMs = 4_000;
/** A hub that ends gives its Lease back, within this time, milliseconds. */
const farewellMs = 2_000;
const namespace = 'kube-system';

export interface OneHubParts {
  readonly api: Pick<KubeApi, 'get' | 'create' | 'update'>;
  /** Name of the Lease. */
  readonly name: string;
  /** Distinguishes this hub from others, and is the same after a restart. */
  readonly identity: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Does what only one of several hubs may do at a time: `work` runs while this hub holds the Lease, and is told
 * to end before another hub can take it for free. Times are measured on each hub's own clock, from when it saw
 * the Lease change. Throws what `work` throws.
 *
 * Source: kubernetes.io/docs/concepts/architecture/leases, “Leader election”.
 */
export async function oneHub(parts: OneHubParts, work: Task, signal: AbortSignal): Promise<void> {
  const lease = new HubLease(parts);
  const { clock } = parts;
  for (;;) {
    if (await lease.hold(signal)) await whileHeld(parts, lease, work, signal);
    await clock.sleep(renewMs, signal);
  }
}

async function whileHeld(
  { clock }: OneHubParts,
  lease: HubLease,
  work: Task,
  signal: AbortSignal,
): Promise<void> {
  try {
    await supervise(signal, {
      work,
      lease: async (inner) => {
        while (lease.isSafe) {
          await clock.sleep(renewMs, inner);
          await lease.hold(inner);
        }
      },
    });
  } finally {
    await lease.release();
  }
}

class HubLease {
  readonly #parts: OneHubParts;
  readonly #key: ReturnType<typeof objectKey>;
  /** When the newest renewal of ours began, monotonic; undefined: it is not ours. */
  #heldAt: number | undefined;
  /** The Lease of another as it was seen last, and since when, monotonic. */
  #other: { readonly version: string; readonly at: number } | undefined;

  constructor(parts: OneHubParts) {
    this.#parts = parts;
    this.#key = objectKey(leases.name, namespace, parts.name);
  }

  /** Whether no other hub can hold it yet. */
  get isSafe(): boolean {
    return this.#heldAt !== undefined && this.#parts.clock.monotonic() - this.#heldAt < giveUpMs;
  }

  /** Takes or renews it, and answers whether it is ours now. Rejects only when `signal` aborts. */
  async hold(signal: AbortSignal): Promise<boolean> {
    const at = this.#parts.clock.monotonic();
    const { log, name } = this.#parts;
    try {
      const held = await within(giveUpMs, this.#take(signal), { ...this.#parts, signal });
      if (held === true) this.#heldAt = at;
      if (held === false) this.#heldAt = undefined;
      return held === true;
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      log.warn({ lease: name, code: codeOf(error), why: messageOf(error) }, 'lease not held');
      return false;
    }
  }

  /** Lets another hub have it at once; what fails is made up for by time. */
  async release(): Promise<void> {
    if (this.#heldAt === undefined) return;
    this.#heldAt = undefined;
    const { signal } = new AbortController();
    const freed = this.#read(signal).then(async (lease) => {
      if (lease && holderOf(lease) === this.#parts.identity) await this.#write(lease, '', signal);
    });
    await within(farewellMs, freed, { ...this.#parts, signal }).catch(() => undefined);
  }

  async #take(signal: AbortSignal): Promise<boolean> {
    const lease = await this.#read(signal);
    if (lease && this.#isOfAnother(lease)) return false;
    try {
      await this.#write(lease, this.#parts.identity, signal);
      return true;
    } catch (error) {
      if (error instanceof Conflict || error instanceof AlreadyExists) return false;
      throw error;
    }
  }

  #isOfAnother(lease: KubeObject): boolean {
    const holder = holderOf(lease);
    if (holder === '' || holder === this.#parts.identity) return false;
    const now = this.#parts.clock.monotonic();
    const { resourceVersion } = lease.metadata;
    if (this.#other?.version !== resourceVersion)
      this.#other = { version: resourceVersion, at: now };
    return now - this.#other.at < holdMs;
  }

  async #read(signal: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return parseObject(await this.#parts.api.get(leases, this.#key, signal));
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  /** Bound to the version that was read: of two hubs one has it. */
  async #write(
    held: KubeObject | undefined,
    holderIdentity: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { api, clock, name } = this.#parts;
    const renewTime = kubeMicroTime(clock.now());
    const spec = { holderIdentity, leaseDurationSeconds: holdMs / 1_000, renewTime };
    const lease = { apiVersion: apiVersionOf(leases), kind: leases.kind, spec };
    if (held) await api.update(leases, this.#key, { ...lease, metadata: held.metadata }, signal);
    else await api.create(leases, namespace, { ...lease, metadata: { name, namespace } }, signal);
  }
}

function holderOf({ spec }: KubeObject): string {
  return text(spec?.['holderIdentity']) ?? '';
}
