import { kubeTime, type Clock } from '@skerry/shared/clock';
import { objectKey, resourceName, type NodeName } from '@skerry/shared/names';
import type { Reporter } from './reporter.ts';

const EVENTS = resourceName('events');
/** Who speaks, in the `From` column of `kubectl describe`. */
const COMPONENT = 'edgecore';

/** Something that happened to an object, as `kubectl describe` shows it. */
export interface EdgeEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** `involvedObject` of an Event. */
export interface Involved {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly fieldPath?: string;
}

export interface EventReportsParts {
  readonly node: NodeName;
  readonly reporter: Reporter;
  readonly clock: Clock;
}

/** Reports what happens to objects of this node, as v1 Events. */
export class EventReports {
  readonly #parts: EventReportsParts;
  #told = 0;

  constructor(parts: EventReportsParts) {
    this.#parts = parts;
  }

  /** Resolves when the event is on the edge's disk; rejects when the disk refuses it. */
  async report(involvedObject: Involved, { type, reason, message }: EdgeEvent): Promise<void> {
    const { reporter, clock, node } = this.#parts;
    const { namespace } = involvedObject;
    const now = clock.now();
    this.#told = (this.#told + 1) % 1_000_000;
    // Unique per object as with a kubelet: the time in nanoseconds, of which we know the milliseconds.
    const suffix = (BigInt(now) * 1_000_000n + BigInt(this.#told)).toString(16);
    const name = `${involvedObject.name}.${suffix}`;
    const time = kubeTime(now);
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject,
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
    await reporter.report({
      class: 'event',
      key: objectKey(EVENTS, namespace, name),
      payload: Buffer.from(JSON.stringify(event)),
    });
  }
}
