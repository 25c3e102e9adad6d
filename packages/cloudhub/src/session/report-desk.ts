import type { HubFrame, ReportFrame } from '@skerry/proto/frames';
import type { ReportOutcome } from '@skerry/shared/delivery/report';
import { codeOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { isObjectKey, type NodeName } from '@skerry/shared/names';
import type { Span, Tracing } from '@skerry/shared/tracing/tracing';
import type { ReportTaker } from './session-parts.ts';

export interface ReportDeskParts {
  readonly node: NodeName;
  readonly upstream: ReportTaker;
  readonly send: (frame: HubFrame) => void;
  /** Reports that may be unanswered. */
  readonly window: number;
  readonly log: Log;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** Hands one node's reports upstream and answers each when the API server has decided (G4). */
export class ReportDesk {
  readonly #parts: ReportDeskParts;
  #unanswered = 0;

  constructor(parts: ReportDeskParts) {
    this.#parts = parts;
  }

  /** False when the edge has sent more than its window allows. */
  take(frame: ReportFrame): boolean {
    const { id, class: kind, key, payload, observedMs: at } = frame;
    const { upstream, node, window, send, log } = this.#parts;
    if (this.#unanswered >= window) return false;
    this.#unanswered++;
    const span = this.#begin(frame);
    const submitted = isObjectKey(key)
      ? upstream.submit(node, { class: kind, key, payload, at })
      : Promise.resolve<ReportOutcome>({
          do: 'refused',
          code: 'name.malformed',
          reason: `not a key: ${JSON.stringify(key)}`,
        });
    submitted
      .finally(() => this.#unanswered--)
      .then((outcome) => {
        span?.end(outcome.do === 'refused' ? outcome.code : undefined);
        send(toAnswer(id, outcome));
      })
      .catch((error: unknown) => {
        span?.end(codeOf(error));
        log.debug({ key, code: codeOf(error) }, 'a report stays unanswered');
      });
    return true;
  }

  #begin({ traceparent: parent }: ReportFrame): Span | undefined {
    return parent === undefined
      ? undefined
      : this.#parts.tracing?.begin('written', { parent, kind: 'consumer' });
  }
}

function toAnswer(id: number, outcome: ReportOutcome): HubFrame {
  if (outcome.do === 'accepted') return { type: 'reportAck', id };
  return { type: 'reportNack', id, code: outcome.code, reason: outcome.reason };
}
