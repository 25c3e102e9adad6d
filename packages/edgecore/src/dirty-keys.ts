import { keyParts, type ObjectKey, type ResourceName } from '@skerry/shared/names';
import type { Metrics } from '@skerry/shared/metrics';
import { WorkQueue, type TurnObserver } from '@skerry/shared/workqueue';
import { VOLUMES } from './pods/volumes/claims.ts';

/** Pods, and what they refer to. */
const podResources = [
  'pods',
  'configmaps',
  'secrets',
  'persistentvolumeclaims',
  'persistentvolumes',
] as const;

interface DirtyParts {
  readonly metrics: Metrics;
  readonly observer?: TurnObserver<ObjectKey> | undefined;
}

/** Keys that changed, by the room that acts on them. */
export class Dirty {
  readonly pods: WorkQueue<ObjectKey>;
  readonly devices: WorkQueue<ObjectKey>;
  readonly cron: WorkQueue<ObjectKey>;
  readonly judgements: WorkQueue<ObjectKey>;
  readonly volumes: WorkQueue<ObjectKey>;
  readonly #queues: ReadonlyMap<string, WorkQueue<ObjectKey>>;

  /** The observer is told of every room's turns. */
  constructor({ metrics, observer }: DirtyParts) {
    this.pods = new WorkQueue(observer);
    this.devices = new WorkQueue(observer);
    this.cron = new WorkQueue(observer);
    this.judgements = new WorkQueue(observer);
    this.volumes = new WorkQueue(observer);
    this.#queues = new Map([
      ...podResources.map((resource) => [resource, this.pods] as const),
      ...['devices', 'devicemodels'].map(
        (resource) => [`${resource}.devices.kubeedge.io`, this.devices] as const,
      ),
      ['cronjobs.batch', this.cron],
      ['statusjudgements.edge.skerry.io', this.judgements],
    ]);
    this.#measure(metrics);
  }

  /** Keys not acted upon yet. */
  get size(): number {
    const queues = [this.pods, this.devices, this.cron, this.judgements, this.volumes];
    return queues.reduce((sum, { size }) => sum + size, 0);
  }

  #measure(metrics: Metrics): void {
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
