import type { Clock, Random } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { noMetrics, type Metrics } from '@skerry/shared/metrics';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import { supervise, type Task } from '@skerry/shared/supervise';
import { WorkQueue, work, type Requeue } from '@skerry/shared/workqueue';
import type { Reporter } from '../link/reporter.ts';
import type { ObjectReader } from '../meta/object-reader.ts';
import { DesiredWriter } from './desired-writer.ts';
import { deviceKey, type DeviceId } from './device-id.ts';
import { MalformedDevice } from './device-object.ts';
import { DeviceReconciler } from './device-reconciler.ts';
import type { Bus } from './bus.ts';
import { MqttBus, type MqttSettings } from './mqtt-bus.ts';
import { mqttProtocol } from './protocols/mqtt.ts';
import { readingSink } from './reading-sink.ts';
import { Roster } from './roster.ts';
import { StatusReporter } from './status-reporter.ts';
import { Announcer } from './topics/announcer.ts';
import { serveTopics } from './topics/serve-topics.ts';
import { TwinStore } from './twin-store.ts';

export interface DevicesParts {
  readonly node: NodeName;
  readonly objects: ObjectReader;
  /** Keys of Devices and DeviceModels that changed. */
  readonly dirty: WorkQueue<ObjectKey>;
  readonly reporter: Reporter;
  /** Its table `twins` is ours. */
  readonly store: Store;
  readonly mqtt: MqttSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics?: Metrics;
}

/** Keys worked on at once: enough for one commit to carry many. */
const workers = { objects: 4, reports: 16, desires: 16 };
const retryAfterMs = 1_000;

/**
 * Serves the devices of this node until the signal aborts: readings become twins, twins become status
 * reports, desired values reach their devices, and programs at the edge are answered on their topics.
 * Throws Misconfiguration when the broker's URL is not one.
 */
export async function runDevices(parts: DevicesParts, signal: AbortSignal): Promise<void> {
  const { node, clock, random, log, metrics = noMetrics, mqtt: settings } = parts;
  const queues: Queues = { reports: new WorkQueue(), desires: new WorkQueue() };
  const bus = new MqttBus({ settings, clientId: `skerry-${node}`, clock, random, log, metrics });
  const announcer = new Announcer({ bus, node, clock, log });
  const twins = await TwinStore.open({
    store: parts.store,
    committed: (change) => {
      wake(queues, change.device);
      announcer.changed(change);
    },
  });
  const roster = openRoster(parts, twins, bus);
  const room: Room = { parts, metrics, queues, twins, roster, announcer };
  // a Device deleted while we were away left its twin behind, and no key to tell of it
  for (const device of twins.devices()) parts.dirty.add(deviceKey(device));
  await supervise(signal, {
    bus: (s) => bus.run(s),
    topics: (s) => serveTopics({ bus, node, twins, clock, log }, s),
    mappers: (s) => roster.run(s),
    objects: objectLoop(room),
    reports: reportLoop(room),
    desires: desireLoop(room),
  });
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
}

function wake({ reports, desires }: Queues, device: DeviceId): void {
  reports.add(device);
  desires.add(device);
}

function openRoster(parts: DevicesParts, twins: TwinStore, bus: Bus): Roster {
  const { clock, random, log, metrics = noMetrics } = parts;
  const refused = metrics.counter(
    'device_readings_refused_total',
    'Readings that could not be read.',
  );
  const protocols = [mqttProtocol({ bus, log, refused })];
  return new Roster({ protocols, sinkOf: readingSink(twins, metrics), clock, random, log });
}

function objectLoop({ parts, queues, twins, roster }: Room): Task {
  const { objects, dirty, clock } = parts;
  const reconciler = new DeviceReconciler({
    objects,
    twins,
    roster,
    wake: (key) => dirty.add(key),
    described: (device) => wake(queues, device),
    clock,
  });
  return loop(parts, dirty, workers.objects, async (key) => {
    await reconciler.reconcile(key);
    return undefined;
  });
}

function reportLoop({ parts, metrics, queues, twins, roster }: Room): Task {
  const { reporter, clock } = parts;
  const reports = metrics.counter('device_reports_total', 'Device status reports made.');
  const statusReporter = new StatusReporter({ twins, roster, reporter, clock, reports });
  return loop(parts, queues.reports, workers.reports, (device) => statusReporter.reconcile(device));
}

function desireLoop({ parts, metrics, queues, twins, roster, announcer }: Room): Task {
  const { clock, random, log } = parts;
  const writer = new DesiredWriter({
    twins,
    roster,
    announce: (device, goals) => announcer.delta(twins, device, goals),
    clock,
    random,
    log,
    writes: metrics.counter('device_writes_total', 'Desired values written.', ['outcome']),
  });
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
