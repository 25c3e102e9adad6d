import type { KubeObject } from '../json.ts';
import type { StoredForm } from './resource.ts';

/** What `events.k8s.io` calls the fields of an Event of the core group. */
const names = {
  involvedObject: 'regarding',
  message: 'note',
  reportingComponent: 'reportingController',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
} as const;

const toServedName: Readonly<Record<string, string>> = names;
const toStoredName: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(names).map(([stored, served]) => [served, stored]),
);

/** Events of both groups are the same objects. */
export const storedEvent: StoredForm = {
  storage: 'events',
  toStored: (event) => renamed(event, 'v1', toStoredName),
  toServed: (event) => renamed(event, 'events.k8s.io/v1', toServedName),
};

function renamed(
  event: KubeObject,
  apiVersion: string,
  to: Readonly<Record<string, string>>,
): KubeObject {
  const fields = Object.entries(event).map(
    ([field, value]) => [to[field] ?? field, value] as const,
  );
  return { ...(Object.fromEntries(fields) as KubeObject), apiVersion };
}
