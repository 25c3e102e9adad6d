import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { keyParts, type NodeName, type ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { Store, Table } from '@skerry/shared/store';
import { work, type Requeue, type WorkQueue } from '@skerry/shared/workqueue';
import type { Reporter } from '../link/reporter.ts';
import { readObject, type ObjectReader } from '../meta/object-reader.ts';
import { PodEvents, type PodEvent } from '../pods/pod-events.ts';
import { runAtAnnotation, type CronJobObject } from './cron-job.ts';
import { stepCron, type CronStep } from './cron-turn.ts';
import { ledgerReports, type CronLedger } from './job-reports.ts';
import type { LocalPods } from './local-pods.ts';
import { podKeysOf } from './run-pod.ts';

/** No CronJob sleeps for longer, whatever its schedule: the machine's clock may be set. */
const LONGEST_SLEEP_MS = 60_000;
const RETRY_MS = 5_000;

export interface CronParts {
  readonly node: NodeName;
  readonly objects: ObjectReader;
  readonly store: Store;
  readonly pods: LocalPods;
  /** Keys of CronJobs that changed; on start, every held one and every one that is remembered. */
  readonly dirty: WorkQueue<ObjectKey>;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly log: Log;
}

/** Runs the CronJobs of this node by its own clock, connected or not, until `signal` aborts. */
export async function runCron(parts: CronParts, signal: AbortSignal): Promise<void> {
  const { dirty, clock, log, pods } = parts;
  const cron = new CronJobs(parts);
  for (const key of await cron.remembered()) dirty.add(key);
  pods.onTurned = (pod) => cron.wakeOwner(pod);
  const failed = (key: ObjectKey, error: unknown): Requeue => {
    log.warn({ key, code: codeOf(error), error: messageOf(error) }, 'cron turn failed');
    return { afterMs: RETRY_MS };
  };
  const reconcile = (key: ObjectKey): Promise<Requeue> => cron.reconcile(key);
  await work({ queue: dirty, clock, workers: 1, reconcile, failed }, signal);
}

class CronJobs {
  readonly #parts: CronParts;
  readonly #table: Table;
  readonly #events: PodEvents;
  /** Ledgers of which everything has been said since this agent started. */
  readonly #said = new Map<ObjectKey, CronLedger>();
  /** Which CronJob made a pod. */
  readonly #owners = new Map<ObjectKey, ObjectKey>();
  /** What was told last, so that it is told once. */
  readonly #told = new Map<ObjectKey, string>();

  constructor(parts: CronParts) {
    this.#parts = parts;
    this.#table = parts.store.table('cron');
    this.#events = new PodEvents(parts);
  }

  async remembered(): Promise<ObjectKey[]> {
    return Array.fromAsync(this.#table.keys()) as Promise<ObjectKey[]>;
  }

  wakeOwner(pod: ObjectKey): void {
    const owner = this.#owners.get(pod);
    if (owner !== undefined) this.#parts.dirty.add(owner);
  }

  async reconcile(key: ObjectKey): Promise<Requeue> {
    const [cronJob, ledger] = [await this.#held(key), await this.#ledger(key)];
    if (ledger && ledger.uid !== cronJob?.metadata.uid) await this.#forget(key, ledger);
    if (!cronJob) return undefined;
    const { node, pods, clock } = this.#parts;
    const { uid } = cronJob.metadata;
    const before = ledger?.uid === uid ? ledger : { uid, runs: [] };
    const now = clock.now();
    const phaseOf = (pod: ObjectKey): ReturnType<LocalPods['phaseOf']> => pods.phaseOf(pod);
    const step = stepCron({ cronJob, ledger: before, node, phaseOf, now });
    await this.#settle(key, cronJob, before, step);
    await this.#tell(key, cronJob, step);
    return { afterMs: Math.min(LONGEST_SLEEP_MS, Math.max(0, (step.againAt ?? Infinity) - now)) };
  }

  /** Says what has changed, then keeps it: what was cut short between is said again. */
  async #settle(
    key: ObjectKey,
    cronJob: CronJobObject,
    before: CronLedger,
    step: CronStep,
  ): Promise<void> {
    const { reporter, pods, log } = this.#parts;
    const { ledger, make, drop } = step;
    if (!this.#said.has(key)) log.info({ key, uid: ledger.uid }, 'this node runs a CronJob');
    for (const { metadata } of make) log.info({ key, pod: metadata.name }, 'a CronJob makes a pod');
    const news = { before, said: this.#said.get(key), next: ledger };
    for (const report of ledgerReports(key, cronJob, news)) await reporter.report(report);
    const { namespace } = cronJob.metadata;
    for (const pod of ledger.runs.flatMap((run) => podKeysOf(namespace, run)))
      this.#owners.set(pod, key);
    for (const pod of drop) this.#owners.delete(pod);
    const text = JSON.stringify(ledger);
    if (text !== JSON.stringify(before))
      await pods.change({ make, drop, also: [this.#table.put(key, Buffer.from(text))] });
    this.#said.set(key, ledger);
  }

  async #tell(key: ObjectKey, { metadata }: CronJobObject, { notes }: CronStep): Promise<void> {
    const text = JSON.stringify(notes);
    if (this.#told.get(key) === text) return;
    this.#told.set(key, text);
    const about = {
      ...metadata,
      uid: metadata.uid as never,
      apiVersion: 'batch/v1',
      kind: 'CronJob',
    };
    for (const note of notes) await this.#events.tell(about, note satisfies PodEvent);
  }

  /** The CronJob is gone, or another bears its name: what it has begun ends. */
  async #forget(key: ObjectKey, { runs }: CronLedger): Promise<void> {
    const { namespace } = keyParts(key);
    const drop = runs.flatMap((run) => podKeysOf(namespace, run));
    await this.#parts.pods.change({ make: [], drop, also: [this.#table.del(key)] });
    for (const pod of drop) this.#owners.delete(pod);
    this.#said.delete(key);
    this.#told.delete(key);
  }

  /** Undefined for one that is not this node's to run. */
  async #held(key: ObjectKey): Promise<CronJobObject | undefined> {
    const cronJob = (await readObject(this.#parts.objects, key)) as CronJobObject | undefined;
    const isOurs = cronJob?.metadata.annotations?.[runAtAnnotation] === 'edge';
    return isOurs && cronJob.metadata.deletionTimestamp === undefined ? cronJob : undefined;
  }

  async #ledger(key: ObjectKey): Promise<CronLedger | undefined> {
    const kept = await this.#table.get(key);
    return kept && (parseJson(kept) as CronLedger);
  }
}
