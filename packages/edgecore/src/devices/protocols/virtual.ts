import type { Clock, Random } from '@skerry/shared/clock';
import { isAbort } from '@skerry/shared/errors';
import {
  DeviceMisconfigured,
  NotWritable,
  type DeviceConnection,
  type MappedDevice,
  type Mapper,
  type Protocol,
  type ReadingSink,
} from '../mapper.ts';
import { readVirtual, type VirtualVisitor } from './virtual-visitor.ts';
import { sample } from './waveform.ts';

export interface VirtualProtocolParts {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Devices that are not there: each property follows a waveform, a random walk or a recording, and takes
 * whatever value is desired of it. For trials, demonstrations and load.
 */
export function virtualProtocol(parts: VirtualProtocolParts): Protocol {
  return {
    name: 'virtual',
    mapper(device: MappedDevice): Mapper {
      const problems: string[] = [];
      const visitors = device.properties.map((property) => readVirtual(property, problems));
      if (problems.length > 0) throw new DeviceMisconfigured(problems.join('; '));
      const ignored = Object.keys(device.config);
      const taken = new Map<string, string>(); // what it was told outlives a connection
      return {
        ignored,
        connect: () => Promise.resolve(new VirtualConnection(parts, visitors, taken)),
      };
    },
  };
}

class VirtualConnection implements DeviceConnection {
  readonly #parts: VirtualProtocolParts;
  readonly #visitors: readonly VirtualVisitor[];
  readonly #taken: Map<string, string>;
  readonly #last = new Map<string, string>();
  readonly #since: number;

  constructor(
    parts: VirtualProtocolParts,
    visitors: readonly VirtualVisitor[],
    taken: Map<string, string>,
  ) {
    this.#parts = parts;
    this.#visitors = visitors;
    this.#taken = taken;
    this.#since = parts.clock.monotonic();
  }

  async subscribe(sink: ReadingSink, signal: AbortSignal): Promise<void> {
    const groups = [...Map.groupBy(this.#visitors, ({ everyMs }) => everyMs)];
    const ended = new AbortController();
    const inner = AbortSignal.any([signal, ended.signal]);
    const runs = groups.map(([everyMs, visitors]) =>
      this.#collect(visitors, everyMs, sink, inner).finally(() => ended.abort()),
    );
    await Promise.all(runs);
  }

  write(property: string, value: string): Promise<void> {
    const visitor = this.#visitors.find((one) => one.property.name === property);
    if (!visitor?.property.writable)
      return Promise.reject(new NotWritable(`property ${property} cannot be written`));
    this.#taken.set(property, value);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  /** Reads properties of one cycle together, until the signal aborts. */
  async #collect(
    visitors: readonly VirtualVisitor[],
    everyMs: number,
    sink: ReadingSink,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#parts;
    let next = clock.monotonic();
    while (!signal.aborted) {
      const now = clock.now();
      const readings = visitors.map((visitor) => {
        const value = this.#read(visitor);
        return { property: visitor.property.name, value, sourceTime: now };
      });
      await sink({ readings, receivedAt: now, live: true });
      next = Math.max(next + everyMs, clock.monotonic()); // what the disk held up is not caught up with
      await clock.sleep(next - clock.monotonic(), signal).catch((error: unknown) => {
        if (!isAbort(error, signal)) throw error;
      });
    }
  }

  #read({ property: { name }, generator }: VirtualVisitor): string {
    const { clock, random } = this.#parts;
    const elapsedMs = clock.monotonic() - this.#since;
    const value =
      this.#taken.get(name) ?? sample(generator, elapsedMs, this.#last.get(name), random);
    this.#last.set(name, value);
    return value;
  }
}
