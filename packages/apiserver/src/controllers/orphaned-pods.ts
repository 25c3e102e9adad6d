import type { Requeue } from '@skerry/shared/workqueue';
import { textAt, type KubeObject } from '../json.ts';
import type { RestParts } from '../rest/call.ts';
import type { Held } from '../storage/held.ts';
import type { Decision, ObjectStore } from '../storage/object-store.ts';
import { reconcile } from './reconcile.ts';

/** A deleted pod waits for its node to end it. Where there is no such node, nobody would. */
export async function runOrphanedPods(parts: RestParts, signal: AbortSignal): Promise<void> {
  const { store } = parts;
  const sources = {
    pods: (held: Held) => (mayEnd(held) ? [held.id] : []),
    nodes: ({ name }: Held) => (hasNode(store, name) ? [] : podsEndingOn(store, name)),
  };
  const turn = (id: string): Promise<Requeue> => turnOf(store, id);
  await reconcile({ ...parts, sources, turn }, signal);
}

async function turnOf(store: ObjectStore, id: string): Promise<Requeue> {
  const [namespace = '', name = ''] = id.split('/');
  await store.change({ resource: 'pods', namespace, name }, (held): Decision => {
    const pod = held?.parse();
    if (!pod || !isEnding(pod) || hasNode(store, nodeOf(pod))) return { do: 'keep' };
    if ((pod.metadata.finalizers ?? []).length > 0) return { do: 'keep' };
    return { do: 'remove', object: pod };
  });
  return undefined;
}

function isEnding({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function mayEnd(held: Held): boolean {
  return held.mentions('"deletionTimestamp"');
}

function podsEndingOn(store: ObjectStore, node: string): readonly string[] {
  return store
    .list('pods')
    .filter((held) => {
      if (!mayEnd(held)) return false;
      const pod = held.parse();
      return isEnding(pod) && nodeOf(pod) === node;
    })
    .map(({ id }) => id);
}

function nodeOf(pod: KubeObject): string {
  return textAt(pod, 'spec', 'nodeName') ?? '';
}

function hasNode(store: ObjectStore, name: string): boolean {
  return store.get({ resource: 'nodes', namespace: '', name }) !== undefined;
}
