import { kubeTime, type Clock } from '@skerry/shared/clock';
import { codeOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { objectKey, resourceName, type NodeName } from '@skerry/shared/names';
import type { Reporter } from '../link/reporter.ts';
import type { PodIdentity } from '../runtime/observed.ts';
import { EventTally, type Told } from './event-tally.ts';

const EVENTS = resourceName('events');
/** Who speaks, in the `From` column of `kubectl describe`. */
const COMPONENT = 'edgecore';

/** Something that happened to a pod, as `kubectl describe pod` shows it. */
export interface PodEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Which of the pod's containers, if it is about one. */
  readonly container?: string | undefined;
}

export interface PodEventsParts {
  readonly node: NodeName;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly log: Log;
}

/** Says what happens to pods, as v1 Events. */
export class PodEvents {
  readonly #parts: PodEventsParts;
  readonly #tally = new EventTally();
  #told = 0;

  constructor(parts: PodEventsParts) {
    this.#parts = parts;
  }

  /** Resolves when the event is on the edge's disk, or cannot be: then it is only logged. */
  async tell(pod: PodIdentity, event: PodEvent): Promise<void> {
    const { log } = this.#parts;
    try {
      await this.#report(pod, event);
    } catch (error) {
      const facts = { key: `${pod.namespace}/${pod.name}`, code: codeOf(error), ...event };
      log.warn(facts, 'event not reported');
    }
  }

  async #report(pod: PodIdentity, event: PodEvent): Promise<void> {
    const { reporter, clock, node } = this.#parts;
    const now = clock.now();
    const told = this.#tally.note(pod.uid, JSON.stringify(event), now, () => this.#name(pod, now));
    if (!told) return;
    const { name } = told;
    const object = eventObject({ pod, event, node, told, now });
    await reporter.report({
      class: 'event',
      key: objectKey(EVENTS, pod.namespace, name),
      payload: Buffer.from(JSON.stringify(object)),
    });
  }

  /** Unique per pod as with a kubelet: the time in nanoseconds, of which we know the milliseconds. */
  #name(pod: PodIdentity, now: number): string {
    this.#told = (this.#told + 1) % 1_000_000;
    return `${pod.name}.${(BigInt(now) * 1_000_000n + BigInt(this.#told)).toString(16)}`;
  }
}

function eventObject(parts: {
  readonly pod: PodIdentity;
  readonly event: PodEvent;
  readonly node: NodeName;
  readonly told: Told;
  readonly now: number;
}): object {
  const { pod, event, node, told, now } = parts;
  const { type, reason, message, container } = event;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: told.name, namespace: pod.namespace },
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: pod.namespace,
      name: pod.name,
      uid: pod.uid,
      ...(container !== undefined && { fieldPath: `spec.containers{${container}}` }),
    },
    type,
    reason,
    message,
    source: { component: COMPONENT, host: node },
    firstTimestamp: kubeTime(told.firstAt),
    lastTimestamp: kubeTime(now),
    count: told.count,
    reportingComponent: COMPONENT,
    reportingInstance: node,
  };
}
