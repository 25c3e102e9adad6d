import { at, field, text } from '../kube/json-read.ts';
import { NotFound } from '../kube/kube-errors.ts';
import { devices } from '../kube/resource.ts';
import { wishesOf, type DesiredWriter } from './desired-writer.ts';
import { isFields } from './merge-diff.ts';
import { accepted, forbidden, malformed, notFound, type ReportWriter } from './report-writer.ts';
import type { DecideStatus, StatusWriter } from './status-writer.ts';

/**
 * Writes what a node says about its devices: `{uid, status: {twins, state?, lastOnlineTime?}, desired?}`.
 * Its twins are all there are: those it does not mention go. Other fields that are not mentioned stay.
 * `desired` are values written at the edge, on their way into the spec.
 */
export function deviceStatusWriter(statuses: StatusWriter, desires: DesiredWriter): ReportWriter {
  return async ({ node, key, payload }, signal) => {
    const uid = text(field(payload, 'uid'));
    const status = field(payload, 'status');
    const wishes = wishesOf(payload);
    if (uid === undefined || !isFields(status)) return malformed(key, 'needs a uid and a status');
    if (!wishes) return malformed(key, 'has a desired value that is none');
    const decide: DecideStatus = (device) => {
      if (at(device, 'spec', 'nodeName') !== node) return forbidden(node, key);
      if (device.metadata.uid !== uid) return notFound(key);
      return { do: 'write', status: { ...device.status, ...status } };
    };
    try {
      const written = await statuses.write({ type: devices, key }, decide, signal);
      if (written.do === 'refused') return written;
      if (wishes.length > 0) await desires.write(key, wishes, signal);
      return accepted;
    } catch (error) {
      if (error instanceof NotFound) return notFound(key);
      throw error;
    }
  };
}
