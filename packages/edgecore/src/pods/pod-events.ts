import type { Clock } from '@skerry/shared/clock';
import { codeOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import { EventReports, type EdgeEvent } from '../link/event-reports.ts';
import type { Reporter } from '../link/reporter.ts';
import type { PodIdentity } from '../runtime/observed.ts';

/** Something that happened to a pod, as `kubectl describe pod` shows it. */
export interface PodEvent extends EdgeEvent {
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
  readonly #log: Log;
  readonly #reports: EventReports;

  constructor(parts: PodEventsParts) {
    this.#log = parts.log;
    this.#reports = new EventReports(parts);
  }

  /** Resolves when the event is on the edge's disk, or cannot be: then it is only logged. */
  async tell(pod: Involved, event: PodEvent): Promise<void> {
    const { uid, namespace, name } = pod;
    const { container } = event;
    const { apiVersion = 'v1', kind = 'Pod' } = pod;
    const about = { apiVersion, kind, namespace, name, uid };
    const fieldPath = container === undefined ? {} : { fieldPath: `spec.containers{${container}}` };
    try {
      await this.#reports.report({ ...about, ...fieldPath }, event);
    } catch (error) {
      const facts = { key: `${namespace}/${name}`, code: codeOf(error), ...event };
      this.#log.warn(facts, 'event not reported');
    }
  }
}
