import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import type { Journal } from './journal.ts';
import { namespace, readingTopic, wishTopic } from './objects.ts';

const answerMs = 3_000;
const retryMs = 100;
/** Readings of one meter that may wait for their answers: what is said again may come late. */
const atOnce = 4;
const events = '$hw/events/device';

/** A device's own program. */
interface Meter {
  readonly name: string;
  /** The newest it was told to be. */
  wish: number;
  /** Its clock, milliseconds since the epoch; every message has a later time. */
  clock: number;
  /** Whether the agent has ever known it. */
  known: boolean;
}

/** What a meter says: always the same of one count. */
interface Reading {
  readonly count: number;
  /** By the meter's own clock. */
  readonly timestamp: number;
}

/**
 * The meters of one node, as programs beside its agent: each counts up, and says each count until the
 * agent has answered that it is on its disk; each becomes what it is told to be. Checks that no older wish
 * comes after a newer one.
 */
export class Meters implements AsyncDisposable {
  readonly #client: MqttClient;
  readonly #journal: Journal;
  readonly #meters: ReadonlyMap<string, Meter>;
  /** By event id: who waits for that answer. */
  readonly #waiting = new Map<string, (code: number) => void>();

  constructor(mqttPort: number, names: readonly string[], journal: Journal) {
    this.#journal = journal;
    this.#meters = new Map(
      names.map((name) => [name, { name, wish: 0, clock: 0, known: false }] as const),
    );
    this.#client = connect(`mqtt://127.0.0.1:${mqttPort}`, {
      reconnectPeriod: 200,
      connectTimeout: 5_000,
      resubscribe: false,
    });
    this.#client.on('error', () => undefined); // the agent is down; it dials again
    this.#client.on('connect', () => {
      this.#client.subscribe(
        [`${events}/${namespace}/+/twin/update/result`, wishTopic('+')],
        { qos: 1 },
        () => undefined,
      );
    });
    this.#client.on('message', (topic, payload) => this.#hear(topic, payload.toString()));
  }

  /** Each meter counts to `counts`, spread over `ms`, or longer when the agent cannot follow. */
  async run(counts: number, ms: number, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const countUp = (meter: Meter): Promise<void>[] => {
      let next = 1;
      const worker = async (): Promise<void> => {
        while (next <= counts) {
          const count = next++;
          const timestamp = tick(meter);
          const earlyMs = began + (ms * count) / counts - performance.now();
          if (earlyMs > 0) await sleep(earlyMs, undefined, { signal });
          await this.#untilAcked(meter, { count, timestamp }, signal);
          this.#journal.count('readings acked');
        }
      };
      return Array.from({ length: atOnce }, worker);
    };
    await Promise.all([...this.#meters.values()].flatMap(countUp));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
  }

  /** Says it until the agent answers that it is on disk. */
  async #untilAcked(meter: Meter, reading: Reading, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      const code = await this.#say(meter, reading, attempt);
      if (code === 0) {
        meter.known = true;
        return;
      }
      this.#journal.count(`readings ${typeof code === 'number' ? 'refused with ' : ''}${code}`);
      if (code === 404 && meter.known)
        this.#journal.violation(`an agent has forgotten ${meter.name}`);
      await sleep(retryMs, undefined, { signal });
    }
  }

  /** The code it was answered with, or why there was none. */
  async #say(
    { name }: Meter,
    { count, timestamp }: Reading,
    attempt: number,
  ): Promise<number | 'without an agent' | 'unanswered'> {
    if (!this.#client.connected) return 'without an agent';
    const id = `${name}/${count}/${attempt}`;
    const actual = { value: String(count), metadata: { timestamp } };
    const patience = new AbortController();
    const answer = new Promise<number>((resolve) => this.#waiting.set(id, resolve));
    this.#client.publish(
      `${events}/${namespace}/${name}/twin/update`,
      JSON.stringify({ event_id: id, timestamp, twin: { count: { actual } } }),
      { qos: 1 },
      () => undefined,
    );
    const overdue = sleep(answerMs, undefined, { signal: patience.signal }).catch(() => undefined);
    const code = await Promise.race([answer, overdue]);
    patience.abort();
    this.#waiting.delete(id);
    return code ?? 'unanswered';
  }

  #hear(topic: string, payload: string): void {
    if (topic.startsWith(events)) {
      const { event_id, code } = JSON.parse(payload) as { event_id: string; code: number };
      this.#waiting.get(event_id)?.(code);
      return;
    }
    const meter = this.#meters.get(topic.split('/')[1] ?? '');
    if (meter) this.#obey(meter, (JSON.parse(payload) as { target: number }).target);
  }

  #obey(meter: Meter, target: number): void {
    this.#journal.count('wishes heard');
    if (target < meter.wish)
      this.#journal.violation(`${meter.name} was told ${target} after ${meter.wish}`);
    meter.wish = Math.max(meter.wish, target);
    const reading = JSON.stringify({ target: meter.wish, ts: tick(meter) });
    if (this.#client.connected)
      this.#client.publish(readingTopic(meter.name), reading, { qos: 1 }, () => undefined);
  }
}

function tick(meter: Meter): number {
  meter.clock = Math.max(meter.clock + 1, Date.now());
  return meter.clock;
}
