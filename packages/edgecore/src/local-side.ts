import type { DaemonParts } from '@skerry/shared/daemon';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import type { Task } from '@skerry/shared/supervise';
import type { EdgeCoreConfig } from './config.ts';
import { LocalPods } from './cron/local-pods.ts';
import type { Dirty } from './dirty-keys.ts';
import type { Contact } from './link/contact.ts';
import type { ReportOutbox } from './link/report-outbox.ts';
import type { Reporter } from './link/reporter.ts';
import { LocalSilences } from './localapi/local-silences.ts';
import { LocalWrites } from './localapi/local-writes.ts';
import { News } from './localapi/news.ts';
import { PodDoors } from './localapi/pod-doors.ts';
import { ReportMemory } from './localapi/report-memory.ts';
import { runLocalApi, type RunParts } from './localapi/run-local-api.ts';
import type { MetaStore } from './meta/meta-store.ts';
import type { ObjectReader } from './meta/object-reader.ts';

/** What the node has beside what the cluster has sent it: made, said and written here. */
export interface LocalSide {
  readonly local: LocalPods;
  readonly told: ReportMemory;
  readonly writes: LocalWrites;
  readonly silences: LocalSilences;
  /** How pods come to what is served of it. */
  readonly podDoors: PodDoors;
  readonly news: News;
  /** What the node holds, with what was written here; without the pods that it has made. */
  readonly objects: ObjectReader;
  readonly reporter: Reporter;
  /** Reports that the cluster has not accepted yet. */
  readonly reportsWaiting: () => number;
  /** An object has come, changed or gone. */
  readonly wake: (key: ObjectKey) => void;
}

export interface LocalSideParts {
  readonly node: NodeName;
  readonly store: Store;
  readonly meta: MetaStore;
  readonly reports: ReportOutbox;
  readonly contact: Contact;
  readonly dirty: Dirty;
}

type Parts = DaemonParts<EdgeCoreConfig>;

export async function openLocalSide(parts: Parts, needs: LocalSideParts): Promise<LocalSide> {
  const { store, meta, reports, dirty } = needs;
  const news = new News();
  const told = await ReportMemory.open(reports.waiting());
  told.onNews = news.tell;
  const tell = (key: ObjectKey): void => {
    dirty.add(key);
    news.tell(key);
  };
  const local = await LocalPods.open(store, tell);
  told.isHeld = (key) => meta.versionOf(key) !== undefined || local.has(key);
  const reporter = told.before(reports);
  const { writes, silences, tidy } = await openWritten(parts, { ...needs, reporter, wake: tell });
  const wake = (key: ObjectKey): void => {
    tell(key);
    tidy(key);
  };
  const reportsWaiting = (): number => reports.size;
  const objects = silences.beside(writes.beside(meta));
  const written = { writes, silences, objects };
  const podDoors = new PodDoors();
  return { ...written, local, told, podDoors, news, reporter, reportsWaiting, wake };
}

interface Written extends Pick<LocalSide, 'writes' | 'silences'> {
  /** What the cluster shows of an object has changed. */
  readonly tidy: (key: ObjectKey) => void;
}

/** What was written here goes on its way again at the start, and whenever there is a link. */
async function openWritten(
  { clock, random, log: whole }: Parts,
  needs: LocalSideParts & Pick<LocalSide, 'reporter' | 'wake'>,
): Promise<Written> {
  const { meta, reports, contact } = needs;
  const log = whole.child({ room: 'localapi' });
  const room = { ...needs, objects: meta, clock, random, log };
  const writes = await LocalWrites.open(room);
  const silences = await LocalSilences.open({ ...room, reporter: reports });
  const both = [writes, silences];
  const later = (act: (of: (typeof both)[number]) => Promise<void>): void => {
    for (const of of both)
      act(of).catch((error: unknown) =>
        log.warn({ code: codeOf(error), error: messageOf(error) }, 'a local write waits'),
      );
  };
  reports.onAnswered = (key, refusal) => later((of) => of.answered(key, refusal));
  contact.listen(() => {
    if (contact.since === undefined) later((of) => of.repeat());
  });
  later((of) => of.repeat()); // a disk that refuses it must not keep the agent from starting
  return { writes, silences, tidy: (key) => later((of) => of.tidy(key)) };
}

/** What people and programs at the node see of it, and may do. */
export function localApiTask(
  { config, log }: Parts,
  { told, writes, silences, podDoors, news, reportsWaiting }: LocalSide,
  held: Omit<RunParts, keyof LocalSide | 'config' | 'dataDir' | 'listen'> &
    Pick<RunParts, 'objects'>,
): Task {
  const own = { told, writes, silences, podDoors, listen: news.listen, reportsWaiting };
  const room = { config: config.localApi, dataDir: config.dataDir };
  return (s) => runLocalApi({ ...held, ...own, ...room, log: log.child({ room: 'localapi' }) }, s);
}
