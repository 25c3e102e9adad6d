import type { EdgeFrame, ReportAck, ReportNack } from '@skerry/proto/frames';
import { Bell } from '@skerry/shared/bell';
import type { Log } from '@skerry/shared/log';
import type { Tracing } from '@skerry/shared/tracing/tracing';
import type { QueuedReport } from './report-entry.ts';
import type { ReportOutbox } from './report-outbox.ts';
import { ReportSpans } from './report-spans.ts';

/** What a link asks of the reports that wait for it. */
export type ReportSource = Pick<ReportOutbox, 'arrival' | 'idle' | 'rewind' | 'settle' | 'take'>;

export interface ReportPumpParts {
  readonly reports: ReportSource;
  readonly send: (frames: readonly EdgeFrame[]) => void;
  /** Reports that may be unacknowledged. */
  readonly window: number;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  readonly log: Log;
}

/** Sends waiting reports through a window and settles them as the hub answers (G4). */
export class ReportPump {
  readonly #parts: ReportPumpParts;
  readonly #unsettled = new Set<number>();
  readonly #room = new Bell();
  readonly #spans: ReportSpans | undefined;

  constructor(parts: ReportPumpParts) {
    this.#parts = parts;
    this.#spans = parts.tracing && new ReportSpans(parts.tracing);
  }

  /** Sends until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { reports, send, window } = this.#parts;
    while (!signal.aborted) {
      if (this.#unsettled.size >= window) await this.#room.wait(signal);
      else if (reports.idle) await reports.arrival(signal);
      else {
        const taken = await reports.take(window - this.#unsettled.size);
        for (const { id } of taken) this.#unsettled.add(id);
        send(taken.map((report) => this.#frameOf(report)));
      }
    }
  }

  /** Nothing is sent or answered any more. */
  end(): void {
    this.#spans?.lost();
  }

  #frameOf(report: QueuedReport): EdgeFrame {
    const { id, class: kind, key, payload, at } = report;
    const frame = { type: 'report', id, class: kind, key, payload, observedMs: at } as const;
    const traceparent = this.#spans?.sent(report);
    return traceparent === undefined ? frame : { ...frame, traceparent };
  }

  async settle(answer: ReportAck | ReportNack): Promise<void> {
    const { reports, log } = this.#parts;
    if (answer.type === 'reportNack')
      log.warn(
        { report: answer.id, code: answer.code, reason: answer.reason },
        'the hub refused a report for good',
      );
    this.#spans?.answered(answer.id, answer.type === 'reportNack' ? answer.code : undefined);
    this.#unsettled.delete(answer.id);
    this.#room.ring();
    await reports.settle(answer.id, answer.type === 'reportNack' ? answer.reason : undefined);
  }
}
