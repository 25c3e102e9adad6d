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

/** What was written here goes on its way again at the start, and whenever there is a link. */
export async function openLocalSide(
  { clock, log }: Parts,
  { node, store, meta, reports, contact, dirty }: LocalSideParts,
): Promise<LocalSide> {
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
  const room = { node, store, reporter, objects: meta, wake: tell, clock };
  const writes = await LocalWrites.open({ ...room, log: log.child({ room: 'localapi' }) });
  const later = (work: Promise<void>): void => {
    work.catch((error: unknown) =>
      log.warn({ code: codeOf(error), error: messageOf(error) }, 'a local write waits'),
    );
  };
  reports.onAnswered = (key, refusal) => later(writes.answered(key, refusal));
  contact.listen(() => {
    if (contact.since === undefined) later(writes.repeat());
  });
  later(writes.repeat()); // a disk that refuses it must not keep the agent from starting
  const wake = (key: ObjectKey): void => {
    tell(key);
    later(writes.tidy(key));
  };
  const reportsWaiting = (): number => reports.size;
  const objects = writes.beside(meta);
  const podDoors = new PodDoors();
  return { local, told, writes, podDoors, news, objects, reporter, reportsWaiting, wake };
}

/** What people and programs at the node see of it, and may do. */
export function localApiTask(
  { config, log }: Parts,
  { told, writes, podDoors, news, reportsWaiting }: LocalSide,
  held: Omit<RunParts, keyof LocalSide | 'config' | 'dataDir' | 'listen'> &
    Pick<RunParts, 'objects'>,
): Task {
  const own = { told, writes, podDoors, listen: news.listen, reportsWaiting };
  const room = { config: config.localApi, dataDir: config.dataDir };
  return (s) => runLocalApi({ ...held, ...own, ...room, log: log.child({ room: 'localapi' }) }, s);
}
