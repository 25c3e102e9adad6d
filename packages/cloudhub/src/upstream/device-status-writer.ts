import { at, field, list, text } from '../kube/json-read.ts';
import { NotFound } from '../kube/kube-errors.ts';
import { devices } from '../kube/resource.ts';
import { wishesOf, type DesiredWriter } from './desired-writer.ts';
import { isFields, type Fields } from './merge-diff.ts';
import { accepted, forbidden, malformed, notFound, type ReportWriter } from './report-writer.ts';
import type { DecideStatus, StatusWriter } from './status-writer.ts';

/**
 * Writes what a node says about its devices: `{uid, status: {twins, state?, lastOnlineTime?}, desired?}`.
 * A twin replaces the one of the same property; twins and fields that are not mentioned stay. `desired`
 * are values written at the edge, on their way into the spec.
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
      return { do: 'write', status: deviceStatus(device.status ?? {}, status) };
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

/** The status of a device after its node has reported. */
export function deviceStatus(current: Fields, reported: Fields): Fields {
  const twins = mergeTwins(twinsOf(current), twinsOf(reported));
  return { ...current, ...reported, ...(twins.length > 0 && { twins }) };
}

function mergeTwins(current: readonly Fields[], reported: readonly Fields[]): Fields[] {
  const merged = new Map(current.map((twin) => [twin['propertyName'], twin]));
  for (const twin of reported) merged.set(twin['propertyName'], twin);
  return [...merged.values()];
}

function twinsOf(status: Fields): Fields[] {
  return list(status['twins']).filter(
    (twin): twin is Fields => isFields(twin) && text(twin['propertyName']) !== undefined,
  );
}
