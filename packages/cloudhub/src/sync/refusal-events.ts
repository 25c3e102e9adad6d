import { createHash } from 'node:crypto';
import { kubeTime, type Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { keyParts, type NodeName } from '@skerry/shared/names';
import { aborted } from '@skerry/shared/supervise';
import type { KubeWriter } from '../kube/kube-api.ts';
import { AlreadyExists } from '../kube/kube-errors.ts';
import { apiVersionOf, events, type ResourceType } from '../kube/resource.ts';
import type { DeadLetter } from '../ledger/dead-letters.ts';

/** Events that wait to be written; beyond it the newest are only logged and shown on the NodeSync. */
export const maxWaitingEvents = 1_000;

export interface RefusalEventsParts {
  readonly api: KubeWriter;
  /** The kinds that go to nodes. */
  readonly kinds: readonly ResourceType[];
  readonly clock: Clock;
  readonly log: Log;
}

interface Waiting {
  readonly namespace: string;
  readonly event: object;
}

/** Tells on an object that a node refused it: one Event per node and version, written one by one. */
export class RefusalEvents {
  readonly #parts: RefusalEventsParts;
  readonly #waiting: Waiting[] = [];
  #wake: (() => void) | undefined;

  constructor(parts: RefusalEventsParts) {
    this.#parts = parts;
  }

  tell(node: NodeName, letter: DeadLetter): void {
    const type = this.#parts.kinds.find(({ name }) => name === keyParts(letter.key).resource);
    if (!type || this.#waiting.length >= maxWaitingEvents) return;
    this.#waiting.push(refusalEvent(type, node, letter));
    this.#wake?.();
  }

  /** Writes until the signal aborts. What cannot be written is logged, and not tried again. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next) await this.#write(next, signal);
      else await Promise.race([this.#arrival(), aborted(signal)]);
      signal.throwIfAborted();
    }
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  async #write({ namespace, event }: Waiting, signal: AbortSignal): Promise<void> {
    const { api, log } = this.#parts;
    try {
      await api.create(events, namespace, event, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AlreadyExists))
        log.warn({ code: codeOf(error), reason: messageOf(error) }, 'failed to write an event');
    }
  }
}

/** Events of objects without a namespace are kept in `default`, as Kubernetes does. */
function refusalEvent(type: ResourceType, node: NodeName, letter: DeadLetter): Waiting {
  const { namespace, name } = keyParts(letter.key);
  const home = namespace === '' ? 'default' : namespace;
  const time = kubeTime(letter.at);
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${suffix(node, letter)}`, namespace: home },
    involvedObject: {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      ...(namespace === '' ? {} : { namespace }),
      name,
      uid: letter.uid,
      resourceVersion: String(letter.version),
    },
    type: 'Warning',
    reason: 'NotApplied',
    message: `Node ${node} refused it (${letter.code}): ${letter.reason}`,
    source: { component: 'cloudhub' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
  return { namespace: home, event };
}

/** The same refusal has the same name, so that it is told once however often it is met. */
function suffix(node: NodeName, { key, uid, version }: DeadLetter): string {
  const text = [node, key, uid, version].join('\0');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
