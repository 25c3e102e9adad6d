import { keyParts, type ObjectKey, type ResourceName } from '@skerry/shared/names';
import type { Metrics } from '@skerry/shared/metrics';
import { WorkQueue } from '@skerry/shared/workqueue';
import { VOLUMES } from './pods/volumes/claims.ts';

/** Pods, and what they refer to. */
const podResources = [
  'pods',
  'configmaps',
  'secrets',
  'persistentvolumeclaims',
  'persistentvolumes',
] as const;

/** Keys that changed, by the room that acts on them. */
export class Dirty {
  readonly pods: WorkQueue<ObjectKey> = new WorkQueue();
  readonly devices: WorkQueue<ObjectKey> = new WorkQueue();
  readonly cron: WorkQueue<ObjectKey> = new WorkQueue();
  readonly judgements: WorkQueue<ObjectKey> = new WorkQueue();
  readonly volumes: WorkQueue<ObjectKey> = new WorkQueue();
  readonly #queues: ReadonlyMap<string, WorkQueue<ObjectKey>> = new Map([
    ...podResources.map((resource) => [resource, this.pods] as const),
    ...['devices', 'devicemodels'].map(
      (resource) => [`${resource}.devices.kubeedge.io`, this.devices] as const,
    ),
    ['cronjobs.batch', this.cron],
    ['statusjudgements.edge.skerry.io', this.judgements],
  ]);

  /** Keys not acted upon yet. */
  get size(): number {
    const queues = [this.pods, this.devices, this.cron, this.judgements, this.volumes];
    return queues.reduce((sum, { size }) => sum + size, 0);
  }

  measure(metrics: Metrics): void {
    const { pods, devices, cron, judgements, volumes } = this;
    const rooms = { pods, devices, cron, judgements, volumes };
    metrics.gaugesOf('work_queue_keys', 'Keys that changed and wait, by room.', ['room'], () =>
      Object.entries(rooms).map(([room, { size }]) => [{ room }, size] as const),
    );
  }

  add(key: ObjectKey): void {
    const { resource }: { resource: ResourceName } = keyParts(key);
    this.#queues.get(resource)?.add(key);
    if (resource === VOLUMES) this.volumes.add(key);
  }
}
