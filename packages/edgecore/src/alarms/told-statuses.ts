import { listAt, textAt, valueAt, type Json } from '@skerry/apiserver/json';
import type { Report } from '@skerry/shared/delivery/report';
import { keyParts, type ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { Reporter } from '../link/reporter.ts';
import type { ObjectReader } from '../meta/object-reader.ts';

/** Kinds whose statuses rules may look at. */
export const looked = {
  nodes: 'nodes',
  pods: 'pods',
  devices: 'devices.devices.kubeedge.io',
} as const;
type Looked = (typeof looked)[keyof typeof looked];

/** What rules look at in a status. */
export interface StatusFacts {
  /** Of a device. */
  readonly state: string | undefined;
  /** Status by type. */
  readonly conditions: ReadonlyMap<string, string>;
  /** Why containers wait, by name; empty for one that does not. */
  readonly waiting: ReadonlyMap<string, string>;
}

/**
 * How the objects of this node are by its own account: what was reported last, and for what has not been
 * reported since the agent started, what came back from the cluster. Reports pass through and are read
 * when somebody asks.
 */
export class ToldStatuses {
  readonly #objects: ObjectReader;
  readonly #told = new Map<ObjectKey, Uint8Array | StatusFacts>();

  constructor(objects: ObjectReader) {
    this.#objects = objects;
  }

  /** A reporter that hands on to `next`. */
  before(next: Reporter): Reporter {
    return {
      report: (report) => {
        this.#note(report);
        return next.report(report);
      },
    };
  }

  /** Every object of a kind that this node holds or has told of. */
  async of(resource: Looked): Promise<ReadonlyMap<ObjectKey, StatusFacts>> {
    const found = new Map<ObjectKey, StatusFacts>();
    for (const { key, object } of await this.#objects.list(resource as never))
      found.set(key, this.#read(key) ?? factsOf(parseJson(object) as Json));
    for (const key of this.#told.keys()) {
      const facts = keyParts(key).resource === resource ? this.#read(key) : undefined;
      if (facts) found.set(key, facts);
    }
    return found;
  }

  #note({ class: kind, key, payload }: Report): void {
    const { resource }: { resource: string } = keyParts(key);
    const isLooked = (Object.values(looked) as string[]).includes(resource);
    if (kind === 'status' && isLooked) this.#told.set(key, payload);
  }

  #read(key: ObjectKey): StatusFacts | undefined {
    const told = this.#told.get(key);
    if (!(told instanceof Uint8Array)) return told;
    const payload = parseJson(told) as Json;
    if (valueAt(payload, 'gone') === true) {
      this.#told.delete(key);
      return undefined;
    }
    const facts = factsOf(payload);
    this.#told.set(key, facts);
    return facts;
  }
}

function factsOf(object: Json): StatusFacts {
  const status = valueAt(object, 'status') ?? {};
  const conditions = listAt(status, 'conditions').map(
    (one) => [textAt(one, 'type') ?? '', textAt(one, 'status') ?? 'Unknown'] as const,
  );
  const containers = ['initContainerStatuses', 'containerStatuses'].flatMap((name) =>
    listAt(status, name),
  );
  const waiting = containers.map(
    (one) => [textAt(one, 'name') ?? '', textAt(one, 'state', 'waiting', 'reason') ?? ''] as const,
  );
  return {
    state: textAt(status, 'state'),
    conditions: new Map(conditions),
    waiting: new Map(waiting),
  };
}
