import { kubeTime, type Clock } from '@skerry/shared/clock';
import { codeOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { objectKey, type NodeName } from '@skerry/shared/names';
import { EventReports } from '../link/event-reports.ts';
import type { Reporter } from '../link/reporter.ts';
import { judgementsResource } from './held-judgements.ts';
import type { Turn } from './judgement-board.ts';

export interface JudgementReportsParts {
  readonly node: NodeName;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly log: Log;
}

/** An Event's message is cut here by an API server. */
const maxMessageLength = 1_000;

/** How a judgement stands, as the cluster is told. */
export type Told = Omit<Turn, 'from' | 'origin'>;

/** Says what judgements come to: as Events of the Node, and in the status of their objects. */
export class JudgementReports {
  readonly #parts: JudgementReportsParts;
  readonly #events: EventReports;

  constructor(parts: JudgementReportsParts) {
    this.#parts = parts;
    this.#events = new EventReports(parts);
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
  async event(type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    const { node, log } = this.#parts;
    const about = { apiVersion: 'v1', kind: 'Node', namespace: '', name: node, uid: node };
    const cut = message.slice(0, maxMessageLength);
    try {
      await this.#events.report(about, { type, reason, message: cut });
    } catch (error) {
      log.warn({ code: codeOf(error), reason, message: cut }, 'event not reported');
    }
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
