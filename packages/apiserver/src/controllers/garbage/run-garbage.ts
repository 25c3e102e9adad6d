import { supervise } from '@skerry/shared/supervise';
import { work, WorkQueue } from '@skerry/shared/workqueue';
import { textAt } from '../../json.ts';
import { definitionsStorage } from '../../kinds/definition.ts';
import { storageName } from '../../registry/resource.ts';
import type { RestParts } from '../../rest/call.ts';
import type { Held } from '../../storage/held.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import { follow } from '../follow.ts';
import { retrying } from '../reconcile.ts';
import { Collector } from './collector.ts';

/**
 * Deletes what its owners have left behind, until `signal` aborts: of every kind there is, those that
 * come later too.
 *
 * @see https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export async function runGarbage(parts: ControllerParts, signal: AbortSignal): Promise<void> {
  const queue = new WorkQueue<string>();
  const collector = new Collector(parts, queue);
  const turn = (key: string): Promise<undefined> => collector.turn(key);
  await supervise(signal, {
    follow: (inner) => followEverything(parts, collector, inner),
    work: (inner) => work(retrying({ ...parts, turn }, queue), inner),
  });
}

async function followEverything(
  parts: RestParts,
  collector: Collector,
  signal: AbortSignal,
): Promise<void> {
  const followed = new Map<string, Promise<void>>();
  const followOne = (storage: string): void => {
    if (storage === '' || followed.has(storage)) return;
    followed.set(storage, noteAll(parts, storage, collector, signal));
  };
  for (const { storage } of parts.registry.all) followOne(storage);
  for await (const held of follow(parts.store, definitionsStorage, signal))
    followOne(storageOf(held));
  await Promise.all(followed.values());
}

async function noteAll(
  { store }: RestParts,
  storage: string,
  collector: Collector,
  signal: AbortSignal,
): Promise<void> {
  const onGap = (): void => collector.doubtAll();
  for await (const held of follow(store, storage, signal, onGap)) collector.note(held);
}

function storageOf(held: Held): string {
  const definition = held.parse();
  const plural = textAt(definition, 'spec', 'names', 'plural') ?? '';
  return storageName(plural, textAt(definition, 'spec', 'group') ?? '');
}
