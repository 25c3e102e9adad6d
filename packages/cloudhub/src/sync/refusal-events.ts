import { createHash } from 'node:crypto';
import { kubeTime } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { keyParts, type NodeName } from '@skerry/shared/names';
import { WorkQueue } from '@skerry/shared/workqueue';
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
  readonly log: Log;
}

/** Tells on an object that a node refused it: one Event per node and version, written one by one. */
export class RefusalEvents {
  readonly #parts: RefusalEventsParts;
  readonly #waiting = new Map<string, RefusalEvent>();
  readonly #names = new WorkQueue<string>();

  constructor(parts: RefusalEventsParts) {
    this.#parts = parts;
  }

  tell(node: NodeName, letter: DeadLetter): void {
    const type = this.#parts.kinds.find(({ name }) => name === keyParts(letter.key).resource);
    if (!type || this.#waiting.size >= maxWaitingEvents) return;
    const event = refusalEvent(type, node, letter);
    this.#waiting.set(event.metadata.name, event);
    this.#names.add(event.metadata.name);
  }

  /** Writes until the signal aborts. What cannot be written is logged, and not tried again. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const name = await this.#names.take(signal);
      const event = this.#waiting.get(name);
      this.#waiting.delete(name);
      if (event) await this.#write(event, signal).finally(() => this.#names.done(name));
    }
  }

  async #write(event: RefusalEvent, signal: AbortSignal): Promise<void> {
    const { api, log } = this.#parts;
    try {
      await api.create(events, event.metadata.namespace, event, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AlreadyExists))
        log.warn({ code: codeOf(error), reason: messageOf(error) }, 'failed to write an event');
    }
  }
}

type RefusalEvent = ReturnType<typeof refusalEvent>;

/** Events of objects without a namespace are kept in `default`, as Kubernetes does. */
function refusalEvent(type: ResourceType, node: NodeName, letter: DeadLetter) {
  const { namespace, name } = keyParts(letter.key);
  const home = namespace === '' ? 'default' : namespace;
  const time = kubeTime(letter.at);
  return {
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
}

/** The same refusal has the same name, so that it is told once however often it is met. */
function suffix(node: NodeName, { key, uid, version }: DeadLetter): string {
  const text = [node, key, uid, version].join('\0');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
