import { textAt } from '../json.ts';
import { namespaceTerminating, notFound } from '../refusals.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { subjectOf, type Call } from './call.ts';

/** An object may only be made in a namespace that exists and is not going away. */
export function checkNamespace(store: ObjectStore, call: Call): void {
  if (call.namespace === '') return;
  const key = { resource: 'namespaces', namespace: '', name: call.namespace };
  const namespace = store.get(key);
  if (!namespace) throw notFound({ group: '', plural: 'namespaces' }, call.namespace);
  if (!namespace.mentions('"deletionTimestamp"')) return;
  if (textAt(namespace.parse(), 'metadata', 'deletionTimestamp') !== undefined)
    throw namespaceTerminating(subjectOf(call), call.name, call.namespace);
}
