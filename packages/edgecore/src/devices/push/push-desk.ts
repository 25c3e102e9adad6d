import { createHash } from 'node:crypto';
import type { Clock, Random } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { noMetrics, type Counter, type Metrics } from '@skerry/shared/metrics';
import { objectKey, type ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { Store, Table } from '@skerry/shared/store';
import { aborted } from '@skerry/shared/supervise';
import { ReportOutbox } from '../../link/report-outbox.ts';
import { defaultReportPolicies, type ReportPolicies } from '../../link/report-policy.ts';
import { deviceKey, devicesResource, nameOf, namespaceOf, type DeviceId } from '../device-id.ts';
import type { KeptReading } from '../recorder.ts';
import { MqttBus } from '../mqtt-bus.ts';
import { NotPushed, post } from './http-post.ts';
import { openCount, runPusher, type Push } from './pusher.ts';
import { targetId, type PushTarget } from './push-target.ts';

/** Bytes of readings that wait for one target; beyond it the oldest are given up. */
export const pushQuotaBytes: number = 16 * 1024 * 1024;
const { telemetry } = defaultReportPolicies;
const policies: ReportPolicies = {
  ...defaultReportPolicies,
  telemetry: { ...telemetry, quotaBytes: pushQuotaBytes },
};

/** Of what is pushed and is no device's. */
const noObject = objectKey(devicesResource, '', '-');

export interface PushDeskParts {
  readonly store: Store;
  /** Distinguishes us from other nodes at a broker. */
  readonly clientId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface Line {
  readonly target: PushTarget;
  readonly outbox: Promise<ReportOutbox>;
}

/**
 * Brings readings to the targets of push methods: each target has a line of its own on disk, so that one
 * that is away delays no other, and what waits outlives the agent.
 */
export class PushDesk {
  readonly #parts: PushDeskParts;
  readonly #lines = new Map<string, Line>();
  readonly #pushed: Counter<'method' | 'outcome'>;
  readonly #dropped: Counter<'reason'>;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(parts: PushDeskParts) {
    this.#parts = parts;
    this.#pushed = parts.metrics.counter(
      'device_pushes_total',
      'Readings brought to targets of push methods; failed ones are tried again.',
      ['method', 'outcome'],
    );
    this.#dropped = parts.metrics.counter(
      'device_pushes_dropped_total',
      'Readings for targets of push methods that were given up.',
      ['reason'],
    );
  }

  /** Takes up again what waits on disk, and works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { store } = this.#parts;
    const targets = store.table('push-targets');
    for await (const [id, entry] of targets.entries()) {
      if (this.#lines.has(id)) continue;
      const { target } = parseJson(entry) as { target: PushTarget };
      if (await isEmpty(store.table(tableOf(id)))) await store.commit([targets.del(id)]);
      else if (!this.#lines.has(id)) this.#open(id, target);
    }
    await aborted(signal);
    this.#stop.abort(new DOMException('the agent ends', 'AbortError'));
    await Promise.all(this.#running);
  }

  /** Resolves when the readings wait on disk; rejects with StoreWriteFailed. */
  async offer(
    device: DeviceId,
    readings: readonly KeptReading[],
    targetsOf: (property: string) => readonly PushTarget[],
  ): Promise<void> {
    const waiting = readings.flatMap((reading) =>
      targetsOf(reading.property).map((target) => this.#keep(device, reading, target)),
    );
    await Promise.all(waiting);
  }

  /** Resolves when `content`, JSON, waits on disk; rejects with StoreWriteFailed. */
  async push(target: PushTarget, content: object, about: ObjectKey = noObject): Promise<void> {
    const id = createHash('sha256').update(targetId(target)).digest('hex').slice(0, 16);
    const line = this.#lines.get(id) ?? this.#open(id, target);
    const outbox = await line.outbox;
    const payload = Buffer.from(JSON.stringify(content));
    await outbox.report({ class: 'telemetry', key: about, payload });
  }

  #keep(device: DeviceId, reading: KeptReading, target: PushTarget): Promise<void> {
    const named = { namespace: namespaceOf(device), device: nameOf(device) };
    return this.push(target, { ...named, ...reading }, deviceKey(device));
  }

  #open(id: string, target: PushTarget): Line {
    const { store, clock } = this.#parts;
    const onDropped = (_kind: string, reason: string): void => this.#dropped.inc({ reason });
    const entry = Buffer.from(JSON.stringify({ target }));
    const outbox = store
      .commit([store.table('push-targets').put(id, entry)])
      .then(() => ReportOutbox.open({ store, table: tableOf(id), policies, clock, onDropped }));
    const line = { target, outbox };
    this.#lines.set(id, line);
    const running = this.#serve(line, outbox).catch((error: unknown) => {
      this.#lines.delete(id); // opened again with the next reading
      this.#parts.log.warn({ code: codeOf(error), why: messageOf(error) }, 'push ended');
    });
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
    return line;
  }

  async #serve({ target }: Line, opened: Promise<ReportOutbox>): Promise<void> {
    const outbox = await opened;
    const log = this.#parts.log.child({ push: target.url });
    const count = openCount(this.#pushed, target.method);
    const pusher = { ...this.#parts, outbox, log, count };
    if (target.method === 'http') {
      const { url, timeoutMs } = target;
      const push: Push = (readings, signal) =>
        post({ url, timeoutMs, body: `[${readings.join()}]` }, signal);
      await runPusher({ ...pusher, push }, this.#stop.signal);
      return;
    }
    await this.#serveMqtt(target, pusher);
  }

  async #serveMqtt(
    { url, topic, qos, retain }: Extract<PushTarget, { method: 'mqtt' }>,
    pusher: Omit<Parameters<typeof runPusher>[0], 'push'>,
  ): Promise<void> {
    const { clientId, clock, random, log } = this.#parts;
    const settings = { url, session: 'clean' } as const;
    const bus = new MqttBus({
      settings,
      clientId: `${clientId}-${random().toString(36).slice(2, 8)}`,
      ...{ clock, random, log, metrics: noMetrics },
    });
    const push: Push = async (readings) => {
      const sent = readings.map((reading) => bus.publish(topic, reading, { qos, retain }));
      const failed = (await Promise.allSettled(sent)).find(({ status }) => status === 'rejected');
      if (failed) throw new NotPushed(`${url} did not take every reading`);
    };
    const signal = this.#stop.signal;
    await Promise.all([bus.run(signal), runPusher({ ...pusher, push }, signal)]);
  }
}

function tableOf(id: string): string {
  return `push-${id}`;
}

async function isEmpty(table: Table): Promise<boolean> {
  for await (const _ of table.keys({ limit: 1 })) return false;
  return true;
}
