import { listAt, textAt, valueAt, type Json } from '@skerry/apiserver/json';
import { keyParts, type ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { ReportMemory } from '../localapi/report-memory.ts';
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
 * reported, what came back from the cluster. Each thing that was said is read once.
 */
export class ToldStatuses {
  readonly #objects: ObjectReader;
  readonly #told: Pick<ReportMemory, 'statuses'>;
  readonly #facts = new WeakMap<Uint8Array, StatusFacts | 'gone'>();

  constructor(objects: ObjectReader, told: Pick<ReportMemory, 'statuses'>) {
    this.#objects = objects;
    this.#told = told;
  }

  /** Every object of a kind that this node holds or has told of. */
  async of(resource: Looked): Promise<ReadonlyMap<ObjectKey, StatusFacts>> {
    const found = new Map<ObjectKey, StatusFacts>();
    for (const { key, object } of await this.#objects.list(resource as never))
      found.set(key, this.#said(key) ?? factsOf(parseJson(object) as Json));
    for (const key of this.#told.statuses.keys()) {
      const { resource: told }: { resource: string } = keyParts(key);
      const facts = told === resource && !found.has(key) ? this.#said(key) : undefined;
      if (facts) found.set(key, facts);
    }
    return found;
  }

  /** Undefined of what nothing was said of, or that it is gone. */
  #said(key: ObjectKey): StatusFacts | undefined {
    const payload = this.#told.statuses.get(key);
    if (!payload) return undefined;
    const known = this.#facts.get(payload) ?? read(payload);
    this.#facts.set(payload, known);
    return known === 'gone' ? undefined : known;
  }
}

function read(payload: Uint8Array): StatusFacts | 'gone' {
  const said = parseJson(payload) as Json;
  return valueAt(said, 'gone') === true ? 'gone' : factsOf(said);
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
