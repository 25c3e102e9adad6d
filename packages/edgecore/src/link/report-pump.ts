import type { EdgeFrame, ReportAck, ReportNack } from '@skerry/proto/frames';
import { Bell } from '@skerry/shared/bell';
import type { Log } from '@skerry/shared/log';
import type { ReportOutbox } from './report-outbox.ts';

/** What a link asks of the reports that wait for it. */
export type ReportSource = Pick<ReportOutbox, 'arrival' | 'idle' | 'rewind' | 'settle' | 'take'>;

export interface ReportPumpParts {
  readonly reports: ReportSource;
  readonly send: (frames: readonly EdgeFrame[]) => void;
  /** Reports that may be unacknowledged. */
  readonly window: number;
  readonly log: Log;
}

/** Sends waiting reports through a window and settles them as the hub answers (G4). */
export class ReportPump {
  readonly #parts: ReportPumpParts;
  readonly #unsettled = new Set<number>();
  readonly #room = new Bell();

  constructor(parts: ReportPumpParts) {
    this.#parts = parts;
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
        send(
          taken.map(({ id, class: kind, key, payload, at }) => ({
            type: 'report',
            id,
            class: kind,
            key,
            payload,
            observedMs: at,
          })),
        );
      }
    }
  }

  async settle(answer: ReportAck | ReportNack): Promise<void> {
    const { reports, log } = this.#parts;
    if (answer.type === 'reportNack')
      log.warn(
        { report: answer.id, code: answer.code, reason: answer.reason },
        'the hub refused a report for good',
      );
    this.#unsettled.delete(answer.id);
    this.#room.ring();
    await reports.settle(answer.id, answer.type === 'reportNack' ? answer.reason : undefined);
  }
}
