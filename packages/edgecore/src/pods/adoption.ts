import { readdir } from 'node:fs/promises';
import { uid, type Uid } from '@skerry/shared/names';
import type { PodIdentity } from '../runtime/observed.ts';
import type { TurnParts } from './held-turn.ts';
import { parsePod } from './parse-pod.ts';
import { identityOf } from './pod-shape.ts';
import { PODS, podKey } from './pod-key.ts';
import { podDirectory, removePodDirectory } from './volumes/volume-dirs.ts';

/**
 * Meets what an earlier agent left: makes every pod dirty that is held or runs, so that the held are
 * adopted and the others ended, and removes the directories of pods that are neither.
 */
export async function adopt(parts: AdoptionParts, signal: AbortSignal): Promise<undefined> {
  const { objects, runtimes, dirty } = parts;
  const left = await leftBehind(parts); // first: what comes while we look is of a pod that came, too
  const known: PodIdentity[] = [];
  for (const { object } of await objects.list(PODS)) known.push(identityOf(parsePod(object)));
  for (const runtime of runtimes.ready())
    for (const { pod } of await runtime.list(undefined, signal)) known.push(pod);
  for (const pod of known) dirty.add(podKey(pod));
  if (mayForget(parts)) await sweep(parts, left, known);
}

/** What it needs of a turn's parts. */
export type AdoptionParts = Pick<
  TurnParts,
  'objects' | 'runtimes' | 'dirty' | 'podsDir' | 'mounter' | 'tokens' | 'records' | 'isComplete'
>;

/** What an ill runtime cannot show may still use its directory. */
function mayForget({ runtimes, isComplete }: AdoptionParts): boolean {
  const phases = [...runtimes.health().values()].map(({ phase }) => phase);
  return isComplete() && phases.every((phase) => phase === 'ready' || phase === 'absent');
}

/** Every pod of which there is something on this node's disk. */
async function leftBehind({ podsDir, tokens, records }: AdoptionParts): Promise<Set<Uid>> {
  const all = [...(await readdir(podsDir)), ...tokens.holders(), ...(await records.holders())];
  return new Set(all.map((one) => uid(one)));
}

async function sweep(
  { podsDir, mounter, tokens, records }: AdoptionParts,
  left: ReadonlySet<Uid>,
  known: readonly PodIdentity[],
): Promise<void> {
  const kept = new Set(known.map((pod) => podDirectory(podsDir, pod.uid)));
  for (const one of left) {
    const directory = podDirectory(podsDir, one);
    if (kept.has(directory)) continue;
    await Promise.all([tokens.forget(one), records.forget(one)]);
    await removePodDirectory(directory, mounter);
  }
}
