import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { EventReports, type EdgeEvent, type EventReportsParts } from './event-reports.ts';

/** An API server takes no longer message of an Event. */
const maxMessageLength = 1_000;

/** Tells Events of the node itself; what the disk refuses is only logged. */
export class NodeEvents {
  readonly #parts: EventReportsParts & { readonly log: Log };
  readonly #events: EventReports;

  constructor(parts: EventReportsParts & { readonly log: Log }) {
    this.#parts = parts;
    this.#events = new EventReports(parts);
  }

  async tell({ type, reason, message }: EdgeEvent): Promise<void> {
    const { node, log } = this.#parts;
    const about = { apiVersion: 'v1', kind: 'Node', namespace: '', name: node, uid: node };
    const cut = message.slice(0, maxMessageLength);
    try {
      await this.#events.report(about, { type, reason, message: cut });
    } catch (error) {
      const why = { code: codeOf(error), error: messageOf(error) };
      log.warn({ ...why, reason, message: cut }, 'event not reported');
    }
  }
}
