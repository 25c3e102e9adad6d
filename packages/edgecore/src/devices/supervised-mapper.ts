import { fullJitter } from '@skerry/shared/backoff';
import type { Clock, Random } from '@skerry/shared/clock';
import { codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import {
  DeviceUnreachable,
  type DeviceConnection,
  type Mapper,
  type ReadingSink,
} from './mapper.ts';

export interface SupervisedMapperParts {
  readonly mapper: Mapper;
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly random: Random;
  /** A child of the device's own. */
  readonly log: Log;
}

const reconnect = { firstMs: 1_000, maxMs: 60_000 };

/** A connection that lasted so long was a good one: the next failure is the first again. */
const goodAfterMs = 60_000;

/** Keeps one device connected, whatever happens to it. No failure leaves here. */
export class SupervisedMapper {
  readonly #parts: SupervisedMapperParts;
  readonly #begun = Promise.withResolvers<undefined>();
  #connection: DeviceConnection | undefined;

  constructor(parts: SupervisedMapperParts) {
    this.#parts = parts;
  }

  /** Resolves when the first attempt listens to the device, or has failed. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Connects, hands on readings, and connects again with back-off until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#parts;
    let delays = fullJitter(reconnect, random);
    for (;;) {
      const since = clock.monotonic();
      const why = await this.#serve(signal);
      if (signal.aborted) return;
      if (clock.monotonic() - since >= goodAfterMs) delays = fullJitter(reconnect, random);
      const afterMs = delays.next().value;
      log.warn({ code: codeOf(why), why: messageOf(why), afterMs }, 'device lost, will reconnect');
      await clock.sleep(afterMs, signal).catch((error: unknown) => {
        if (!isAbort(error, signal)) throw error;
      });
    }
  }

  /** Throws DeviceUnreachable while there is no connection. */
  async write(property: string, value: string, signal: AbortSignal): Promise<void> {
    if (!this.#connection) throw new DeviceUnreachable('the device is not connected');
    await this.#connection.write(property, value, signal);
  }

  async #serve(signal: AbortSignal): Promise<unknown> {
    try {
      await using connection = await this.#parts.mapper.connect(signal);
      this.#connection = connection;
      const ended = connection.subscribe(this.#parts.sink, signal);
      this.#begun.resolve(undefined);
      await ended;
      return new DeviceUnreachable('the device ended the connection');
    } catch (error) {
      return error;
    } finally {
      this.#begun.resolve(undefined);
      this.#connection = undefined;
    }
  }
}
