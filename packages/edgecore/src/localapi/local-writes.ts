import {
  restartAnnotation,
  writeKey,
  writesResource,
  type EdgeWrite,
  type FieldWishes,
} from '@skerry/shared/edge-write';
import type { Clock } from '@skerry/shared/clock';
import type { Report } from '@skerry/shared/delivery/report';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { keyParts, type ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { KeyLock } from '@skerry/apiserver/storage/key-lock';
import type { Store, Table } from '@skerry/shared/store';
import { EventReports, type EdgeEvent } from '../link/event-reports.ts';
import type { Reporter } from '../link/reporter.ts';
import type { HeldObject, ObjectReader } from '../meta/object-reader.ts';
import { applied, changes, type Pending } from './pending.ts';
import { involved } from './involved.ts';

export interface LocalWritesParts {
  readonly node: ConstructorParameters<typeof EventReports>[0]['node'];
  readonly store: Store;
  readonly reporter: Reporter;
  /** What the node holds, as the cluster has sent it. */
  readonly objects: ObjectReader;
  /** Told which objects look different now. */
  readonly wake: (key: ObjectKey) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** What somebody here wants of an object beyond what is pending of it. */
export interface NewWrite {
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
  readonly deletion?: { readonly graceSeconds?: number } | undefined;
}

/**
 * What was written at this node of objects that the cluster owns: it holds here at once, on disk before
 * anybody is told, and is reported until the API server has taken it or refused it. What was refused
 * becomes an Event, and the object is again as the cluster has it.
 */
export class LocalWrites {
  readonly #parts: LocalWritesParts;
  readonly #table: Table;
  readonly #pending: Map<ObjectKey, Pending>;
  readonly #events: EventReports;
  /** What was last reported of each object: an answer is about nothing newer. */
  readonly #reported = new Map<ObjectKey, Pending>();
  /** Of one object, one thing is done at a time. */
  readonly #lock = new KeyLock();

  private constructor(parts: LocalWritesParts, table: Table, pending: Map<ObjectKey, Pending>) {
    this.#parts = parts;
    this.#table = table;
    this.#pending = pending;
    this.#events = new EventReports(parts);
  }

  static async open(parts: LocalWritesParts): Promise<LocalWrites> {
    const table = parts.store.table('local-writes');
    const pending = new Map<ObjectKey, Pending>();
    for await (const [key, entry] of table.entries())
      pending.set(key as ObjectKey, parseJson(entry) as Pending);
    return new LocalWrites(parts, table, pending);
  }

  /** Says again whatever has not been taken: a report may have had to give way, or never have been made. */
  async repeat(): Promise<void> {
    for (const key of [...this.#pending.keys()])
      await this.#lock.run(key, async () => {
        const pending = this.#pending.get(key); // more may have been written while others were reported
        if (pending && pending.acceptedAt === undefined) await this.#report(pending);
      });
  }

  /** The objects as they are with what was written here. */
  beside(objects: ObjectReader): ObjectReader {
    const withWrites = (held: HeldObject): HeldObject =>
      applied(held, this.#pending.get(held.key), this.#parts.clock.now());
    return {
      get: async (key) => {
        const held = await objects.get(key);
        return held && withWrites(held);
      },
      list: async (resource) => (await objects.list(resource)).map(withWrites),
    };
  }

  /** What of an object waits for the cluster. */
  pendingOf(key: ObjectKey): Pending | undefined {
    return this.#pending.get(key);
  }

  /** Durable when it resolves. `shown` is the object as it was seen by who writes. */
  write(key: ObjectKey, shown: Shown, wanted: NewWrite): Promise<void> {
    return this.#lock.run(key, () => this.#write(key, shown, wanted));
  }

  async #write(key: ObjectKey, shown: Shown, wanted: NewWrite): Promise<void> {
    const before = this.#pending.get(key);
    const own = before?.uid === shown.uid ? before : undefined;
    const { deletion } = wanted;
    const next: Pending = {
      object: key,
      uid: shown.uid,
      at: this.#parts.clock.now(),
      labels: merged(own, 'labels', wanted.labels, shown.labels),
      annotations: merged(own, 'annotations', wanted.annotations, shown.annotations),
      deletion: deletion ? { ended: false, ...deletion } : own?.deletion,
    };
    await this.#keep(next);
    await this.#report(next);
    this.#parts.wake(key);
    const restartedAt = wanted.annotations?.[restartAnnotation];
    if (typeof restartedAt === 'string')
      await this.#tell(next, {
        type: 'Normal',
        reason: 'Restarted',
        message: 'Restarted at the node',
      });
  }

  /** Listens for the end of pods that were deleted here, and passes everything on. */
  before(reporter: Reporter): Reporter {
    return {
      report: async (report) => {
        await reporter.report(report);
        await this.#lock.run(report.key, () => this.#noteEnd(report));
      },
    };
  }

  /** The hub has answered the newest report of a key; undefined: accepted. */
  async answered(report: ObjectKey, refusal: string | undefined): Promise<void> {
    if (keyParts(report).resource !== writesResource) return;
    const found = [...this.#reported.values()].find(({ object }) => writeKey(object) === report);
    if (found) await this.#lock.run(found.object, () => this.#take(found, refusal));
  }

  async #take(reported: Pending, refusal: string | undefined): Promise<void> {
    const key = reported.object;
    const pending = this.#pending.get(key);
    if (pending !== reported) return; // more has been written meanwhile, and is on its way
    this.#reported.delete(key);
    if (refusal !== undefined) {
      await this.#drop(pending);
      await this.#tell(pending, {
        type: 'Warning',
        reason: 'WriteRefused',
        message: `Not taken by the cluster: ${refusal}`,
      });
      return;
    }
    const held = await this.#parts.objects.get(pending.object);
    await this.#keep({ ...pending, acceptedAt: String(held?.version ?? 0) });
    await this.#tidy(key);
  }

  /** Forgets what was taken, once the cluster shows it. */
  async tidy(key: ObjectKey): Promise<void> {
    if (this.#pending.has(key)) await this.#lock.run(key, () => this.#tidy(key));
  }

  async #tidy(key: ObjectKey): Promise<void> {
    const pending = this.#pending.get(key);
    if (pending?.acceptedAt === undefined) return;
    const held = await this.#parts.objects.get(key);
    if (!held || (held.uid as string) !== pending.uid || isShown(held, pending))
      await this.#drop(pending);
  }

  async #noteEnd({ key, payload }: Report): Promise<void> {
    const pending = this.#pending.get(key);
    if (!pending?.deletion || pending.deletion.ended) return;
    const said = parseJson(payload) as Ended;
    if (said.gone !== true || said.uid !== pending.uid) return;
    const { acceptedAt: _anew, ...rest } = pending;
    const next = { ...rest, deletion: { ...pending.deletion, ended: true } };
    await this.#keep(next);
    await this.#report(next);
  }

  async #keep(pending: Pending): Promise<void> {
    const { store } = this.#parts;
    await store.commit([this.#table.put(pending.object, Buffer.from(JSON.stringify(pending)))]);
    this.#pending.set(pending.object, pending);
  }

  async #drop({ object }: Pending): Promise<void> {
    await this.#parts.store.commit([this.#table.del(object)]);
    this.#pending.delete(object);
    this.#reported.delete(object);
    this.#parts.wake(object);
  }

  async #report(pending: Pending): Promise<void> {
    const { acceptedAt: _local, at: _known, ...write } = pending;
    const payload = Buffer.from(JSON.stringify(write satisfies EdgeWrite));
    this.#reported.set(pending.object, pending);
    await this.#parts.reporter.report({ class: 'status', key: writeKey(pending.object), payload });
  }

  async #tell({ object, uid }: Pending, event: EdgeEvent): Promise<void> {
    const { log } = this.#parts;
    log.info({ key: object, reason: event.reason, message: event.message }, 'local write');
    await this.#events.report(involved(object, uid), event).catch((error: unknown) => {
      log.warn({ key: object, code: codeOf(error), error: messageOf(error) }, 'event not told');
    });
  }
}

/** A deletion is shown when the object is gone. */
function isShown(held: HeldObject, { acceptedAt, deletion, ...pending }: Pending): boolean {
  if (deletion) return false;
  return String(held.version) !== acceptedAt || !changes(held, pending);
}

/** What a writer sees of an object. */
export interface Shown {
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Ended {
  readonly uid?: string;
  readonly gone?: boolean;
}

/** Each wish keeps what the cluster had when it was first made, until it has been taken. */
function merged(
  own: Pending | undefined,
  map: 'labels' | 'annotations',
  wanted: Readonly<Record<string, string | null>> = {},
  shown: Readonly<Record<string, string>>,
): FieldWishes {
  const kept = own && own.acceptedAt === undefined ? own[map] : {};
  const [wishes, values] = [new Map(Object.entries(kept)), new Map(Object.entries(shown))];
  for (const [name, to] of Object.entries(wanted)) {
    const wish = wishes.get(name);
    wishes.set(name, { to, over: wish ? wish.over : (values.get(name) ?? null) });
  }
  return Object.fromEntries(wishes);
}
