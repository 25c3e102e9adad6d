import { deviceHistorySubject } from '@skerry/proto/questions';
import type { Clock, Random } from '@skerry/shared/clock';
import { codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { noMetrics, type Metrics } from '@skerry/shared/metrics';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import { behind, supervise, type Task } from '@skerry/shared/supervise';
import { within } from '@skerry/shared/within';
import { WorkQueue, work, type Requeue } from '@skerry/shared/workqueue';
import type { Questions } from '../link/questions.ts';
import type { Reporter } from '../link/reporter.ts';
import type { ObjectReader } from '../meta/object-reader.ts';
import { historyAnswerer } from './answer-history.ts';
import type { PropertyDescription } from './description.ts';
import { DesiredWriter } from './desired-writer.ts';
import { DeviceEvents } from './device-events.ts';
import { deviceKey, devicesResource, type DeviceId } from './device-id.ts';
import { MalformedDevice } from './device-object.ts';
import type { DesireDesk } from './desire-desk.ts';
import { DeviceReconciler } from './device-reconciler.ts';
import type { Bus, RunningBus } from './bus.ts';
import { History, type HistoryPolicy } from './history.ts';
import { mqttProtocol } from './protocols/mqtt.ts';
import { virtualProtocol } from './protocols/virtual.ts';
import type { ReadingSink } from './mapper.ts';
import type { PushDesk } from '../push/push-desk.ts';
import type { PushTarget } from '../push/push-target.ts';
import { openReadingsDesk, pushReadings } from './push/push-readings.ts';
import { readingSink } from './reading-sink.ts';
import { Selection, type Recorder } from './recorder.ts';
import { Roster, type Served } from './roster.ts';
import { StatusReporter } from './status-reporter.ts';
import { desireAll } from './topics/desire-all.ts';
import { Announcer } from './topics/announcer.ts';
import { serveTopics } from './topics/serve-topics.ts';
import type { TwinUpdating } from './topics/twin-update.ts';
import { TwinStore } from './twin-store.ts';
import { serveUploads } from './uploads.ts';

export interface DevicesParts {
  readonly node: NodeName;
  readonly objects: ObjectReader;
  /** Keys of Devices and DeviceModels that changed. */
  readonly dirty: WorkQueue<ObjectKey>;
  readonly reporter: Reporter;
  /** Its tables `twins` and `history` are ours. */
  readonly store: Store;
  readonly bus: RunningBus;
  /** Where desired values come in other than by message; absent: nowhere. */
  readonly desires?: DesireDesk | undefined;
  readonly history: HistoryPolicy;
  /** Where a hub's questions come in; absent: nowhere. */
  readonly questions?: Pick<Questions, 'attach'> | undefined;
  /** Where messages of programs for the cloud are brought; undefined: nowhere. */
  readonly uploadsUrl?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** Told of the twins as soon as they are open. */
  readonly opened?: (twins: Pick<TwinStore, 'get'>) => void;
}

/** Keys worked on at once: enough for one commit to carry many. */
const workers = { objects: 4, reports: 16, desires: 16 };
const retryAfterMs = 1_000;
/** The broker waits no longer than this for devices that do not answer, milliseconds. */
const beginWithinMs = 5_000;

/**
 * Serves the devices of this node until the signal aborts: readings become twins, twins become status
 * reports, desired values reach their devices, and programs at the edge are answered on their topics.
 * No message arrives before every device held is listened to: none can slip through at the start.
 */
export async function runDevices(parts: DevicesParts, signal: AbortSignal): Promise<void> {
  const { node, bus, clock, log, metrics = noMetrics } = parts;
  const queues: Queues = { reports: new WorkQueue(), desires: new WorkQueue() };
  const announcer = new Announcer({ bus, node, clock, log });
  const twins = await TwinStore.open({
    store: parts.store,
    committed: (change) => {
      wake(queues, change.device);
      announcer.changed(change);
    },
  });
  parts.opened?.(twins);
  const history = openHistory(parts, metrics);
  const push = openReadingsDesk({ ...parts, clientId: `skerry-push-${node}` }, metrics);
  const record = recorder(history, push, (...asked) => ruleIn(roster, ...asked));
  const roster = openRoster(parts, readingSink(twins, record, { metrics, clock }), bus);
  const served = (device: DeviceId): Served | undefined => roster.get(device);
  const room = openRoom({ parts, metrics, queues, twins, roster, announcer });
  using _desk = takeDesires(parts, { twins, record, served });
  const pastOf = historyAnswerer({ twins, history, clock });
  using _answering = parts.questions?.attach(deviceHistorySubject, pastOf);
  lookAtAll(parts, twins);
  const reconciler = openReconciler(room);
  const begun = Promise.withResolvers<undefined>();
  await supervise(signal, {
    bus: async (s) => {
      await beginAll(room, reconciler, s);
      begun.resolve(undefined);
      await bus.run(s);
    },
    topics: (s) => serveTopics({ bus, node, twins, history, record, served, clock, log }, s),
    uploads: (s) => serveUploads({ ...parts, metrics, desk: push, url: parts.uploadsUrl }, s),
    mappers: (s) => roster.run(s),
    history: (s) => history.run(s),
    push: (s) => push.run(s),
    objects: behind(begun.promise, objectLoop(room, reconciler)),
    reports: reportLoop(room),
    desires: desireLoop(room),
  });
}

function openHistory({ store, history: policy, clock }: DevicesParts, metrics: Metrics): History {
  const history = new History({ store, policy, clock });
  metrics.gaugeOf('device_history_bytes', 'History of devices on disk.', () => history.bytes);
  return history;
}

/** A Device deleted while we were away left its twin behind, and no key to tell of it. */
function lookAtAll({ dirty }: DevicesParts, twins: TwinStore): void {
  for (const device of twins.devices()) dirty.add(deviceKey(device));
}

function takeDesires(
  { desires, clock }: DevicesParts,
  asked: TwinUpdating,
): Disposable | undefined {
  return desires?.attach((device, values) => desireAll(asked, device, values, clock.now()));
}

/** What the model says of a device's property. */
type Rules = (device: DeviceId, property: string) => PropertyDescription | undefined;

function ruleIn(
  roster: Roster,
  device: DeviceId,
  property: string,
): PropertyDescription | undefined {
  return roster.get(device)?.description.properties.find(({ name }) => name === property);
}

/** Writes what is worth keeping into the history, and into the lines of its push methods. */
function recorder(history: History, push: PushDesk, rules: Rules): Recorder {
  const selection = new Selection();
  return (device, ...said) => {
    const kept = selection.select(device, ...said);
    const targetsOf = (property: string): readonly PushTarget[] =>
      rules(device, property)?.targets ?? [];
    const pushing = pushReadings(push, device, kept, targetsOf);
    const keeping = history.append(device, kept);
    return pushing.length === 0 ? keeping : Promise.all([keeping, ...pushing]);
  };
}

/** Devices with something to tell, and devices with something to be told. */
interface Queues {
  readonly reports: WorkQueue<DeviceId>;
  readonly desires: WorkQueue<DeviceId>;
}

interface Room {
  readonly parts: DevicesParts;
  readonly metrics: Metrics;
  readonly queues: Queues;
  readonly twins: TwinStore;
  readonly roster: Roster;
  readonly announcer: Announcer;
  readonly writer: DesiredWriter;
}

function openRoom(made: Omit<Room, 'writer'>): Room {
  return { ...made, writer: openWriter(made) };
}

function wake({ reports, desires }: Queues, device: DeviceId): void {
  reports.add(device);
  desires.add(device);
}

function openRoster(
  parts: DevicesParts,
  sinkOf: (device: DeviceId) => ReadingSink,
  bus: Bus,
): Roster {
  const { clock, random, log, metrics = noMetrics } = parts;
  const refused = metrics.counter(
    'device_readings_refused_total',
    'Readings that could not be read.',
  );
  const protocols = [mqttProtocol({ bus, log, refused }), virtualProtocol({ clock, random })];
  return new Roster({ protocols, sinkOf, clock, random, log });
}

function openReconciler({ parts, queues, twins, roster, announcer }: Room): DeviceReconciler {
  const { objects, dirty, clock } = parts;
  const events = new DeviceEvents(parts);
  return new DeviceReconciler({
    objects,
    twins,
    roster,
    wake: (key) => dirty.add(key),
    tell: (about, event) => events.tell(about, event),
    relabelled: (...labels) => announcer.attributes(...labels),
    described: (device) => wake(queues, device),
    clock,
  });
}

/** Serves every device held; one that cannot be served now is left to the loop. */
async function beginAll(
  { parts, roster }: Room,
  reconciler: DeviceReconciler,
  signal: AbortSignal,
): Promise<void> {
  const { objects, clock, log } = parts;
  const held = await objects.list(devicesResource);
  await Promise.all(
    held.map(({ key }) =>
      reconciler.reconcile(key).catch((error: unknown) => {
        log.warn({ key, code: codeOf(error), why: messageOf(error) }, 'device not reconciled');
      }),
    ),
  );
  await within(beginWithinMs, roster.begun(), { clock, signal }).catch((error: unknown) => {
    if (!isAbort(error, signal)) throw error;
  });
}

function objectLoop({ parts }: Room, reconciler: DeviceReconciler): Task {
  const { dirty } = parts;
  return loop(parts, dirty, workers.objects, async (key) => {
    await reconciler.reconcile(key);
    return undefined;
  });
}

function reportLoop({ parts, metrics, queues, twins, roster, writer }: Room): Task {
  const { reporter, clock } = parts;
  const unmet = (device: DeviceId): readonly string[] => writer.unmet(device);
  const reports = metrics.counter('device_reports_total', 'Device status reports made.');
  const statusReporter = new StatusReporter({ twins, roster, reporter, unmet, clock, reports });
  return loop(parts, queues.reports, workers.reports, (device) => statusReporter.reconcile(device));
}

function openWriter({
  parts,
  metrics,
  queues,
  twins,
  roster,
  announcer,
}: Omit<Room, 'writer'>): DesiredWriter {
  const { clock, random, log } = parts;
  return new DesiredWriter({
    twins,
    roster,
    announce: (device, goals) => announcer.delta(twins, device, goals),
    changed: (device) => queues.reports.add(device),
    clock,
    random,
    log,
    writes: metrics.counter('device_writes_total', 'Desired values written.', ['outcome']),
  });
}

function desireLoop({ parts, queues, writer }: Room): Task {
  return loop(parts, queues.desires, workers.desires, (device, s) => writer.reconcile(device, s));
}

/** A loop of reconciling in which a failed key is tried again soon, unless its object is beyond help. */
function loop<K extends string>(
  { clock, log }: DevicesParts,
  queue: WorkQueue<K>,
  count: number,
  reconcile: (key: K, signal: AbortSignal) => Promise<Requeue>,
): Task {
  const failed = (key: K, error: unknown): Requeue => {
    log.warn({ key, code: codeOf(error), why: messageOf(error) }, 'device not reconciled');
    return error instanceof MalformedDevice ? undefined : { afterMs: retryAfterMs };
  };
  return (signal) => work({ queue, clock, workers: count, reconcile, failed }, signal);
}
