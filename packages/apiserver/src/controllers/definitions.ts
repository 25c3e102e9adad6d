import { definitionsStorage } from '../kinds/definition.ts';
import { definedResources } from '../registry/definition.ts';
import type { Registry } from '../registry/registry.ts';
import type { Held } from '../storage/held.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { follow } from './follow.ts';

/** Brings the registry to what the store defines, before the first request. */
export function loadDefinitions(store: ObjectStore, registry: Registry): void {
  for (const held of store.list(definitionsStorage)) define(store, registry, held);
}

/** Keeps the registry equal to what the store defines. */
export async function followDefinitions(
  store: ObjectStore,
  registry: Registry,
  signal: AbortSignal,
): Promise<void> {
  for await (const held of follow(store, definitionsStorage, signal)) define(store, registry, held);
}

function define(store: ObjectStore, registry: Registry, { name }: Held): void {
  const current = store.get({ resource: definitionsStorage, namespace: '', name });
  registry.define(name, current ? definedResources(current.parse()) : []);
}
