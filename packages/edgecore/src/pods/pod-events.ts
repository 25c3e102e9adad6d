import { kubeTime, type Clock } from '@skerry/shared/clock';
import { codeOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { objectKey, resourceName, type NodeName } from '@skerry/shared/names';
import type { Reporter } from '../link/reporter.ts';
import type { PodIdentity } from '../runtime/observed.ts';

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

/** What an event is about: a pod, unless it says otherwise. */
export interface Involved extends PodIdentity {
  readonly apiVersion?: string;
  readonly kind?: string;
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
  #told = 0;

  constructor(parts: PodEventsParts) {
    this.#parts = parts;
  }

  /** Resolves when the event is on the edge's disk, or cannot be: then it is only logged. */
  async tell(pod: Involved, event: PodEvent): Promise<void> {
    const { log } = this.#parts;
    try {
      await this.#report(pod, event);
    } catch (error) {
      const facts = { key: `${pod.namespace}/${pod.name}`, code: codeOf(error), ...event };
      log.warn(facts, 'event not reported');
    }
  }

  async #report(pod: Involved, event: PodEvent): Promise<void> {
    const { reporter, clock, node } = this.#parts;
    const now = clock.now();
    this.#told = (this.#told + 1) % 1_000_000;
    // Unique per pod as with a kubelet: the time in nanoseconds, of which we know the milliseconds.
    const suffix = (BigInt(now) * 1_000_000n + BigInt(this.#told)).toString(16);
    const name = `${pod.name}.${suffix}`;
    const object = eventObject({ name, pod, event, node, time: kubeTime(now) });
    await reporter.report({
      class: 'event',
      key: objectKey(EVENTS, pod.namespace, name),
      payload: Buffer.from(JSON.stringify(object)),
    });
  }
}

function eventObject(parts: {
  readonly name: string;
  readonly pod: Involved;
  readonly event: PodEvent;
  readonly node: NodeName;
  readonly time: string;
}): object {
  const { name, pod, event, node, time } = parts;
  const { type, reason, message, container } = event;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: pod.namespace },
    involvedObject: {
      apiVersion: pod.apiVersion ?? 'v1',
      kind: pod.kind ?? 'Pod',
      namespace: pod.namespace,
      name: pod.name,
      uid: pod.uid,
      ...(container !== undefined && { fieldPath: `spec.containers{${container}}` }),
    },
    type,
    reason,
    message,
    source: { component: COMPONENT, host: node },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    reportingComponent: COMPONENT,
    reportingInstance: node,
  };
}
