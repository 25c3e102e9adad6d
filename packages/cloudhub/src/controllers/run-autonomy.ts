import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { WorkQueue, work, type Requeue } from '@skerry/shared/workqueue';
import { at, text } from '../kube/json-read.ts';
import type { KubeWriter } from '../kube/kube-api.ts';
import { Conflict, NotFound } from '../kube/kube-errors.ts';
import { nodes, pods } from '../kube/resource.ts';
import type { Delivery } from '../route/delivery.ts';
import { resourceOf } from '../route/observed.ts';
import type { Placement } from '../route/placement.ts';
import type { CurrentObjects, KubeObject } from '../upstream/current-objects.ts';
import { autonomyOfNode, autonomyPatch, type Autonomy } from './autonomy.ts';

/** Pods written at once. */
const autonomyConcurrency = 4;
/** What could not be written is tried again after so long, milliseconds. */
const retryMs = 2_000;

export interface AutonomyParts {
  readonly api: Pick<KubeWriter, 'patch'>;
  readonly placement: Pick<Placement, 'placedOn'>;
  readonly current: CurrentObjects;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Lets the pods of edge nodes stay where they are while their node is cut off. */
export class AutonomyKeeper {
  readonly #parts: AutonomyParts;
  readonly #queue = new WorkQueue<ObjectKey>();
  /** What each Node said when its pods were last looked at. */
  readonly #ofNodes = new Map<NodeName, Autonomy | undefined>();

  constructor(parts: AutonomyParts) {
    this.#parts = parts;
  }

  /** Takes note of what has changed; only what is desired anew can ask for something. */
  offer(deliveries: readonly Delivery[]): void {
    for (const { change, lane, node } of deliveries) {
      const resource = resourceOf(change.key);
      if (resource === nodes.name) this.#learn(node, change.object);
      else if (resource === pods.name && change.object && lane === 'urgent')
        this.#queue.add(change.key);
    }
  }

  /** Works until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, metrics } = this.#parts;
    const written = metrics.counter(
      'autonomy_writes_total',
      'Pods whose tolerations the hub has changed, so that they stay on a node that is cut off.',
    );
    const reconcile = async (key: ObjectKey, inner: AbortSignal): Promise<undefined> => {
      if (await this.#keep(key, inner)) written.inc();
      return undefined;
    };
    const failed = (key: ObjectKey, error: unknown): Requeue => {
      if (error instanceof NotFound) return undefined;
      log.debug({ key, code: codeOf(error), reason: messageOf(error) }, 'tolerations not written');
      return { afterMs: error instanceof Conflict ? 0 : retryMs };
    };
    const queue = this.#queue;
    await work({ queue, clock, workers: autonomyConcurrency, reconcile, failed }, signal);
  }

  #learn(node: NodeName, object: Uint8Array | undefined): void {
    const said = object && autonomyOfNode(parseJson(object));
    if (this.#ofNodes.has(node) && this.#ofNodes.get(node) === said) return;
    if (object) this.#ofNodes.set(node, said);
    else this.#ofNodes.delete(node);
    if (said === undefined) return;
    for (const { key } of this.#parts.placement.placedOn(node, pods.name)) this.#queue.add(key);
  }

  /** Whether something had to be written. */
  async #keep(key: ObjectKey, signal: AbortSignal): Promise<boolean> {
    const { api, current } = this.#parts;
    const pod = current.known(key);
    const ofNode = pod && this.#ofNodes.get(nodeOf(pod));
    const body = ofNode === undefined ? undefined : autonomyPatch(pod, ofNode);
    if (!body) return false;
    try {
      current.remember(key, await api.patch(pods, key, { kind: 'merge', body }, signal));
    } catch (error) {
      if (error instanceof Conflict) await current.reread(pods, key, signal);
      throw error;
    }
    return true;
  }
}

function nodeOf(pod: KubeObject): NodeName {
  return (text(at(pod, 'spec', 'nodeName')) ?? '') as NodeName;
}
