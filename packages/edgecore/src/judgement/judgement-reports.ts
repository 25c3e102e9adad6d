import { kubeTime, type Clock } from '@skerry/shared/clock';
import { codeOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { objectKey, type NodeName } from '@skerry/shared/names';
import { NodeEvents } from '../link/node-events.ts';
import type { Reporter } from '../link/reporter.ts';
import { judgementsResource } from './held-judgements.ts';
import type { Turn } from './judgement-board.ts';

export interface JudgementReportsParts {
  readonly node: NodeName;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly log: Log;
}

/** How a judgement stands, as the cluster is told. */
export type Told = Omit<Turn, 'from' | 'origin'>;

/** Says what judgements come to: as Events of the Node, and in the status of their objects. */
export class JudgementReports {
  readonly #parts: JudgementReportsParts;
  readonly #events: NodeEvents;

  constructor(parts: JudgementReportsParts) {
    this.#parts = parts;
    this.#events = new NodeEvents(parts);
  }

  /** The verdict has turned. Resolves when that is on disk, or cannot be: then it is only logged. */
  async turned({ judgement, from, to, why, results }: Turn): Promise<void> {
    const was = from === undefined ? '' : `, was ${from}`;
    const because = why === '' ? 'every unit passes' : why;
    const message = `${judgement} is ${to}${was}: ${because} [${results.join(' ')}]`;
    const type = to === 'Ready' ? 'Normal' : 'Warning';
    await this.event(type, `Judgement${to}`, message);
  }

  /** Of the Node: it also tells of judgements that no cluster knows. */
  event(type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    return this.#events.tell({ type, reason, message });
  }

  /** Into this node's entry in the status of the object. */
  async standing(told: Told): Promise<void> {
    const { judgement, uid, to, at, z, results, why, generation } = told;
    await this.#status(judgement, {
      uid,
      state: {
        ...{ verdict: to, since: kubeTime(at), z, results, message: why },
        observedGeneration: generation,
      },
    });
  }

  /** This node no longer judges by the object. */
  async gone(judgement: string, uid: string): Promise<void> {
    await this.#status(judgement, { uid, gone: true });
  }

  async #status(judgement: string, payload: object): Promise<void> {
    const { reporter, log } = this.#parts;
    const key = objectKey(judgementsResource, '', judgement);
    try {
      await reporter.report({
        class: 'status',
        key,
        payload: Buffer.from(JSON.stringify(payload)),
      });
    } catch (error) {
      log.warn({ key, code: codeOf(error) }, 'judgement not reported');
    }
  }
}
