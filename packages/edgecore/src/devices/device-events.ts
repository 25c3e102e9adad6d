import { codeOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Uid } from '@skerry/shared/names';
import { EventReports, type EdgeEvent, type EventReportsParts } from '../link/event-reports.ts';
import { nameOf, namespaceOf, type DeviceId } from './device-id.ts';

/** The Device that an event is about. */
export interface EventSubject {
  readonly device: DeviceId;
  readonly uid: Uid;
}

/** Says what happens to devices, as v1 Events. */
export class DeviceEvents {
  readonly #log: Log;
  readonly #reports: EventReports;

  constructor(parts: EventReportsParts & { readonly log: Log }) {
    this.#log = parts.log;
    this.#reports = new EventReports(parts);
  }

  /** Resolves when the event is on the edge's disk, or cannot be: then it is only logged. */
  async tell({ device, uid }: EventSubject, event: EdgeEvent): Promise<void> {
    const about = {
      apiVersion: 'devices.kubeedge.io/v1beta1',
      kind: 'Device',
      namespace: namespaceOf(device),
      name: nameOf(device),
      uid,
    };
    try {
      await this.#reports.report(about, event);
    } catch (error) {
      this.#log.warn({ device, code: codeOf(error), ...event }, 'event not reported');
    }
  }
}
