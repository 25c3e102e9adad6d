import type { Clock, Random } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import { aborted } from '@skerry/shared/supervise';
import { conditionOf, type Condition, type Finding } from './condition.ts';
import type { Description } from './description.ts';
import type { DeviceId } from './device-id.ts';
import type { ShownStatus } from './device-object.ts';
import { DeviceMisconfigured, type Mapper, type Protocol, type ReadingSink } from './mapper.ts';
import { SupervisedMapper } from './supervised-mapper.ts';

/** A device this node serves. */
export interface Served {
  readonly description: Description;
  readonly condition: Condition;
  /** Settings of the protocol that nothing acts on. */
  readonly ignored: readonly string[];
  /** What the cloud shows of it. */
  readonly seen: ShownStatus;
  /** Absent when the device cannot be mapped; programs may still speak for it on its topics. */
  readonly mapper: SupervisedMapper | undefined;
}

export interface RosterParts {
  readonly protocols: readonly Protocol[];
  readonly sinkOf: (device: DeviceId) => ReadingSink;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface Entry extends Served {
  /** What the mapper was made from: the same text needs no new mapper. */
  readonly madeFrom: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** The devices of this node and their mappers: one mapper a device, each by itself. */
export class Roster {
  readonly #parts: RosterParts;
  readonly #entries = new Map<DeviceId, Entry>();

  constructor(parts: RosterParts) {
    this.#parts = parts;
  }

  get(device: DeviceId): Served | undefined {
    return this.#entries.get(device);
  }

  /** The devices of a namespace that refer to this model. */
  devicesOf(namespace: string, modelName: string): DeviceId[] {
    return [...this.#entries.values()]
      .map(({ description }) => description)
      .filter(({ id, modelName: used }) => id.startsWith(`${namespace}/`) && used === modelName)
      .map(({ id }) => id);
  }

  /** Serves a device as described; a mapper that need not change goes on undisturbed. */
  async serve(description: Description, seen: ShownStatus): Promise<void> {
    const { id, uid, protocol, properties } = description;
    const madeFrom = JSON.stringify([uid, protocol, properties, description.problems]);
    const held = this.#entries.get(id);
    if (held?.madeFrom === madeFrom) {
      const condition = this.#condition(held.condition, description, [{ ...held.condition }]);
      this.#entries.set(id, { ...held, description, condition, seen });
      return;
    }
    await this.remove(id);
    const { finding, mapper, ignored } = this.#map(description);
    const condition = this.#condition(finding, description, seen.conditions);
    const stop = new AbortController();
    const ended = mapper?.run(stop.signal) ?? Promise.resolve();
    this.#entries.set(id, { description, condition, ignored, seen, mapper, madeFrom, stop, ended });
    this.#parts.log.info(
      { device: id, reason: finding.reason, why: finding.message },
      'device served',
    );
  }

  /** Ends a device's mapper and forgets the device; does nothing for one that is not served. */
  async remove(device: DeviceId): Promise<void> {
    const held = this.#entries.get(device);
    if (!held) return;
    this.#entries.delete(device);
    held.stop.abort(new DOMException('the device is no longer served', 'AbortError'));
    await held.ended;
  }

  /** Resolves when every mapper there is now listens to its device, or has failed to at first. */
  async begun(): Promise<void> {
    const mappers = [...this.#entries.values()].flatMap(({ mapper }) => mapper ?? []);
    await Promise.all(mappers.map((mapper) => mapper.begun));
  }

  /** Ends every mapper once the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await aborted(signal);
    await Promise.all([...this.#entries.keys()].map((device) => this.remove(device)));
  }

  #condition(
    { status, reason, message }: Finding,
    { generation }: Description,
    earlier: ShownStatus['conditions'],
  ): Condition {
    const finding: Finding = { type: 'Mapped', status, reason, message };
    return conditionOf(finding, earlier, generation, this.#parts.clock.now());
  }

  #map(description: Description): Mapped {
    const found = this.#find(description);
    if (!('mapper' in found)) return { finding: found, mapper: undefined, ignored: [] };
    const { clock, random, log, sinkOf } = this.#parts;
    const mapper = new SupervisedMapper({
      mapper: found.mapper,
      sink: sinkOf(description.id),
      clock,
      random,
      log: log.child({ device: description.id }),
    });
    const { message } = found;
    const ignored = (found.mapper.ignored ?? []).map((name) => `protocol.configData.${name}`);
    const finding: Finding = { type: 'Mapped', status: 'True', reason: 'MapperRuns', message };
    return { finding, mapper, ignored };
  }

  #find({ id, protocol, properties, problems }: Description): Finding | Found {
    const [problem] = problems;
    if (problem) return no(problem.reason, problems.map(({ message }) => message).join('; '));
    if (!protocol.name) return no('ProtocolMissing', 'spec.protocol.protocolName is empty');
    const wanted = protocol.name.toLowerCase();
    const speaker = this.#parts.protocols.find(({ name }) => name === wanted);
    if (!speaker)
      return no(
        'ProtocolUnsupported',
        `no mapper speaks ${protocol.name}; programs may, on its topics`,
      );
    try {
      const mapper = speaker.mapper({ id, config: protocol.config, properties });
      return { mapper, message: `the ${speaker.name} mapper runs` };
    } catch (error) {
      if (error instanceof DeviceMisconfigured) return no('Misconfigured', error.message);
      throw error;
    }
  }
}

interface Mapped {
  readonly finding: Finding;
  readonly mapper: SupervisedMapper | undefined;
  readonly ignored: readonly string[];
}

interface Found {
  readonly mapper: Mapper;
  readonly message: string;
}

function no(reason: string, message: string): Finding {
  return { type: 'Mapped', status: 'False', reason, message };
}
