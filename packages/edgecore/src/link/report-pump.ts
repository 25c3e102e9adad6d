import type { EdgeFrame, ReportAck, ReportNack } from '@skerry/proto/frames';
import type { Log } from '@skerry/shared/log';
import type { ReportOutbox } from './report-outbox.ts';

export interface ReportPumpParts {
  readonly reports: ReportOutbox;
  readonly send: (frames: readonly EdgeFrame[]) => void;
  /** Reports that may be unacknowledged. */
  readonly window: number;
  readonly log: Log;
}

/** Sends waiting reports through a window and settles them as the hub answers (G4). */
export class ReportPump {
  readonly #parts: ReportPumpParts;
  readonly #unsettled = new Set<number>();
  #room: (() => void) | undefined;

  constructor(parts: ReportPumpParts) {
    this.#parts = parts;
  }

  /** Sends until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { reports, send, window } = this.#parts;
    while (!signal.aborted) {
      if (this.#unsettled.size >= window) await this.#roomAgain(signal);
      else if (reports.idle) await reports.arrival(signal);
      else {
        const taken = await reports.take(window - this.#unsettled.size);
        for (const { id } of taken) this.#unsettled.add(id);
        send(
          taken.map(({ id, class: kind, key, payload }) => ({
            type: 'report',
            id,
            class: kind,
            key,
            payload,
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
    this.#room?.();
    await reports.settle(answer.id);
  }

  #roomAgain(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#room = () => {
        signal.removeEventListener('abort', onAbort);
        this.#room = undefined;
        resolve();
      };
    });
  }
}
