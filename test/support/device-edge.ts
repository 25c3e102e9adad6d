/** The devices' room of one node over a real broker, in this process. */
import { EmbeddedBus } from '@skerry/edgecore/devices/embedded-bus';
import { deviceKey, type DeviceId } from '@skerry/edgecore/devices/device-id';
import type { RunningBus } from '@skerry/edgecore/devices/bus';
import { defaultHistoryPolicy } from '@skerry/edgecore/devices/history';
import { MqttBus } from '@skerry/edgecore/devices/mqtt-bus';
import { runDevices } from '@skerry/edgecore/devices/run-devices';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import type { Report } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { nodeName, uid, version, type ObjectKey } from '@skerry/shared/names';
import { openStore, type Store } from '@skerry/shared/store';
import { WorkQueue } from '@skerry/shared/workqueue';
import { eventually } from './eventually.ts';
import { startMosquitto, type Mosquitto } from './mosquitto.ts';

/** A broker, and the way of the devices' room to it. */
export interface Carrier extends AsyncDisposable {
  /** A new one for every start of the room. */
  bus(): RunningBus;
  /** Undefined while it does not listen. */
  port(): number | undefined;
}

const busParts = { clock: systemClock, random: systemRandom, log: silentLog, metrics: noMetrics };

export const carriers: [string, () => Promise<Carrier>][] = [
  ['the embedded broker', () => Promise.resolve(embedded())],
  ['Mosquitto', mosquitto],
];

function embedded(): Carrier {
  let bus: EmbeddedBus | undefined;
  return {
    bus: () => (bus = new EmbeddedBus({ host: '127.0.0.1', port: 0, ...busParts })),
    port: () => bus?.port,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function mosquitto(): Promise<Carrier> {
  return carriedBy(await startMosquitto());
}

/** An external broker; its agent speaks MQTT 3.1.1 unless told otherwise. */
export function carriedBy(broker: Mosquitto, version: '3.1.1' | '5' = '3.1.1'): Carrier {
  const settings = { url: broker.url, version };
  return {
    bus: () => new MqttBus({ settings, clientId: 'skerry-edge-1', ...busParts }),
    port: () => broker.port,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

export interface DeviceStatus {
  readonly state: string;
  readonly lastOnlineTime?: string;
  readonly twins: {
    readonly propertyName: string;
    readonly reported?: { readonly value: string; readonly metadata: Record<string, string> };
    readonly observedDesired?: { readonly value: string };
  }[];
  readonly conditions: { readonly reason: string; readonly message: string }[];
}

/** The devices' room of one node, with its own store, reporting into a list. */
export class DeviceEdge implements AsyncDisposable {
  readonly reports: DeviceStatus[] = [];
  readonly #reportsOf = new Map<ObjectKey, DeviceStatus[]>();
  port = 0;
  readonly #directory: string;
  readonly #carrier: Carrier;
  readonly #uploadsUrl: string | undefined;
  #store: Store | undefined;
  #meta: MetaStore | undefined;
  #dirty = new WorkQueue<ObjectKey>();
  #running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  #version = 0n;
  #heard: (() => void)[] = [];

  constructor(directory: string, carrier: Carrier, uploadsUrl?: string) {
    this.#uploadsUrl = uploadsUrl;
    this.#directory = directory;
    this.#carrier = carrier;
  }

  async start(): Promise<void> {
    const store = await openStore(this.#directory, { whenCorrupt: 'fail', now: () => Date.now() });
    const meta = await MetaStore.open(store);
    this.#store = store;
    this.#meta = meta;
    this.#dirty = new WorkQueue();
    const stop = new AbortController();
    const bus = this.#carrier.bus();
    const ended = runDevices(
      {
        node: nodeName('edge-1'),
        objects: meta,
        dirty: this.#dirty,
        reporter: { report: (report) => this.#take(report) },
        store,
        bus,
        history: defaultHistoryPolicy,
        uploadsUrl: this.#uploadsUrl,
        clock: systemClock,
        random: systemRandom,
        log: silentLog,
      },
      stop.signal,
    );
    this.#running = { stop, ended };
    for (const { key } of meta.held()) this.#dirty.add(key);
    this.port = await eventually('a broker', async () => {
      await bus.publish('connected', ''); // behind it, our subscriptions are granted
      return this.#carrier.port();
    });
  }

  async stop(): Promise<void> {
    this.#running?.stop.abort(new DOMException('stopped', 'AbortError'));
    await this.#running?.ended;
    await this.#store?.[Symbol.asyncDispose]();
    this.#running = undefined;
    this.#store = undefined;
  }

  async apply(key: ObjectKey, object?: object): Promise<void> {
    this.#version += 1n;
    const bytes = object && new TextEncoder().encode(JSON.stringify(object));
    const change = { key, uid: uid('u-1'), version: version(String(this.#version)), object: bytes };
    await this.#meta?.apply([change]).durable;
    this.#dirty.add(key);
  }

  /** The first report, of those made and those to come, that satisfies `wanted`. */
  reported(wanted: (status: DeviceStatus) => boolean): Promise<DeviceStatus> {
    return this.#found(() => this.reports, wanted);
  }

  /** What was reported of one device, in order. */
  reportsOf(device: DeviceId): readonly DeviceStatus[] {
    return this.#reportsOf.get(deviceKey(device)) ?? [];
  }

  reportedOf(device: DeviceId, wanted: (status: DeviceStatus) => boolean): Promise<DeviceStatus> {
    return this.#found(() => this.reportsOf(device), wanted);
  }

  async #found(
    reports: () => readonly DeviceStatus[],
    wanted: (status: DeviceStatus) => boolean,
  ): Promise<DeviceStatus> {
    for (;;) {
      const found = reports().find(wanted);
      if (found) return found;
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #take(report: Report): Promise<void> {
    const { status } = JSON.parse(Buffer.from(report.payload).toString('utf8')) as {
      status: DeviceStatus;
    };
    this.reports.push(status);
    const held = this.#reportsOf.get(report.key) ?? [];
    this.#reportsOf.set(report.key, [...held, status]);
    for (const resolve of this.#heard.splice(0)) resolve();
    return Promise.resolve();
  }
}
