import type { Json } from '@skerry/apiserver/json';
import type { Clock, Random } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import { aborted } from '@skerry/shared/supervise';
import { conditionOf, type Condition, type Finding } from './condition.ts';
import type { Description } from './description.ts';
import type { DeviceId } from './device-id.ts';
import { DeviceMisconfigured, type Mapper, type Protocol, type ReadingSink } from './mapper.ts';
import { SupervisedMapper } from './supervised-mapper.ts';

/** A device this node serves. */
export interface Served {
  readonly description: Description;
  readonly condition: Condition;
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
  async serve(description: Description, earlier: readonly Json[]): Promise<void> {
    const { id, uid, protocol, properties } = description;
    const madeFrom = JSON.stringify([uid, protocol, properties, description.problems]);
    const held = this.#entries.get(id);
    if (held?.madeFrom === madeFrom) {
      const condition = this.#condition(held.condition, description, [{ ...held.condition }]);
      this.#entries.set(id, { ...held, description, condition });
      return;
    }
    await this.remove(id);
    const { finding, mapper } = this.#map(description);
    const condition = this.#condition(finding, description, earlier);
    const stop = new AbortController();
    const ended = mapper?.run(stop.signal) ?? Promise.resolve();
    this.#entries.set(id, { description, condition, mapper, madeFrom, stop, ended });
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

  /** Ends every mapper once the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await aborted(signal);
    await Promise.all([...this.#entries.keys()].map((device) => this.remove(device)));
  }

  #condition(finding: Finding, { generation }: Description, earlier: readonly Json[]): Condition {
    const { status, reason, message } = finding;
    const now = this.#parts.clock.now();
    return conditionOf({ status, reason, message }, earlier, generation, now);
  }

  #map(description: Description): { finding: Finding; mapper: SupervisedMapper | undefined } {
    const found = this.#find(description);
    if (!('mapper' in found)) return { finding: found, mapper: undefined };
    const { clock, random, log, sinkOf } = this.#parts;
    const mapper = new SupervisedMapper({
      mapper: found.mapper,
      sink: sinkOf(description.id),
      clock,
      random,
      log: log.child({ device: description.id }),
    });
    return { finding: { status: 'True', reason: 'MapperRuns', message: found.message }, mapper };
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

interface Found {
  readonly mapper: Mapper;
  readonly message: string;
}

function no(reason: string, message: string): Finding {
  return { status: 'False', reason, message };
}
