import { kubeTime, type Clock } from '@skerry/shared/clock';
import { objectKey, resourceName, type NodeName } from '@skerry/shared/names';
import { EventTally } from './event-tally.ts';
import type { Reporter } from './reporter.ts';

const EVENTS = resourceName('events');
/** Who speaks, in the `From` column of `kubectl describe`. */
const COMPONENT = 'edgecore';

/** Where Events are of what is in no namespace. */
const unscoped = 'default';

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
  readonly #tally = new EventTally();
  #told = 0;

  constructor(parts: EventReportsParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the event is on the edge's disk, or was told often enough for now; rejects when the
   * disk refuses it.
   */
  async report(involvedObject: Involved, { type, reason, message }: EdgeEvent): Promise<void> {
    const { reporter, clock, node } = this.#parts;
    const namespace = involvedObject.namespace || unscoped;
    const now = clock.now();
    const what = JSON.stringify([involvedObject.fieldPath, type, reason, message]);
    const makeName = (): string => this.#name(involvedObject.name, now);
    const told = this.#tally.note(involvedObject.uid, what, now, makeName);
    if (!told) return;
    const { name } = told;
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject,
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
    await reporter.report({
      class: 'event',
      key: objectKey(EVENTS, namespace, name),
      payload: Buffer.from(JSON.stringify(event)),
    });
  }
  /** Unique per object as with a kubelet: the time in nanoseconds, of which we know the milliseconds. */
  #name(object: string, now: number): string {
    this.#told = (this.#told + 1) % 1_000_000;
    return `${object}.${(BigInt(now) * 1_000_000n + BigInt(this.#told)).toString(16)}`;
  }
}
