import { textAt, type Json } from '@skerry/apiserver/json';
import type { Report } from '@skerry/shared/delivery/report';
import { keyParts, type ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { Reporter } from '../link/reporter.ts';
import { alertsResource } from './alerts-resource.ts';

/** Events of this node that the local API shows; the oldest goes first. */
export const rememberedEvents = 512;

/** So many objects are told of before anything is tidied. */
const tidyAtLeast = 64;

/**
 * What this node has last said of each object, and the latest events that it told: newer than what the
 * cluster has sent of it, and all there is while the node is cut off. Bytes, taken apart only when
 * somebody asks.
 */
export class ReportMemory {
  readonly #statuses = new Map<ObjectKey, Uint8Array>();
  /** Insertion order is age. */
  readonly #events = new Map<ObjectKey, Uint8Array>();
  #tidyAbove = tidyAtLeast;
  /** Called with the key of what was said, or is forgotten. */
  onNews: (key: ObjectKey) => void = () => undefined;
  /** Whether the node holds an object under this key. */
  isHeld: (key: ObjectKey) => boolean = () => true;

  /** Begins with the reports that have not been delivered yet. */
  static async open(waiting: AsyncIterable<Report>): Promise<ReportMemory> {
    const memory = new ReportMemory();
    for await (const report of waiting) memory.#take(report);
    return memory;
  }

  /** Listens to what is reported, and passes it on. People here are told also of what a full disk refuses. */
  before(reporter: Reporter): Reporter {
    return {
      report: async (report) => {
        try {
          await reporter.report(report);
        } finally {
          this.#take(report);
        }
      },
    };
  }

  /** The newest payload about an object, or an event. */
  get(key: ObjectKey): Json | undefined {
    const payload = this.#statuses.get(key) ?? this.#events.get(key);
    return payload && (parseJson(payload) as Json);
  }

  /** The newest payload about each object; the bytes are another array for each thing that was said. */
  get statuses(): ReadonlyMap<ObjectKey, Uint8Array> {
    return this.#statuses;
  }

  keys(): ObjectKey[] {
    return [...this.#statuses.keys(), ...this.#events.keys()];
  }

  /** Forgets what was said of objects that the node does not hold any more; what is its own stays. */
  #tidy(): void {
    for (const [key, payload] of this.#statuses)
      if (!this.isHeld(key) && !isOwn(key, payload)) this.#statuses.delete(key);
  }

  #take({ class: kind, key, payload }: Report): void {
    const own = (): Uint8Array => new Uint8Array(payload); // a part of a pool would keep all of that
    if (kind === 'status') this.#takeStatus(key, own());
    else if (keyParts(key).resource === 'events') this.#takeEvent(key, own());
    else return;
    this.onNews(key);
  }

  #takeStatus(key: ObjectKey, payload: Uint8Array): void {
    this.#statuses.set(key, payload);
    if (this.#statuses.size <= this.#tidyAbove) return;
    this.#tidy();
    this.#tidyAbove = 2 * this.#statuses.size + tidyAtLeast;
  }

  #takeEvent(key: ObjectKey, payload: Uint8Array): void {
    this.#events.delete(key);
    this.#events.set(key, payload);
    const [oldest] = this.#events.keys();
    if (oldest === undefined || this.#events.size <= rememberedEvents) return;
    this.#events.delete(oldest);
    this.onNews(oldest);
  }
}

/** A pod that it runs by itself, or an alert that it has raised. */
function isOwn(key: ObjectKey, payload: Uint8Array): boolean {
  const isAlert = keyParts(key).resource === alertsResource && !says(payload, 'gone');
  return isAlert || says(payload, 'mirror');
}

function says(payload: Uint8Array, field: string): boolean {
  return Buffer.from(payload).includes(`"${field}":`);
}

/** Of which object a payload speaks. */
export function uidIn(payload: Json | undefined): string | undefined {
  return textAt(payload, 'uid');
}
