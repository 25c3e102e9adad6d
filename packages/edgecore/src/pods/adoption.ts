import { readdir } from 'node:fs/promises';
import { uid } from '@skerry/shared/names';
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
export async function adopt(parts: TurnParts, signal: AbortSignal): Promise<undefined> {
  const { objects, runtimes, dirty } = parts;
  const known: PodIdentity[] = [];
  for (const { object } of await objects.list(PODS)) known.push(identityOf(parsePod(object)));
  for (const runtime of runtimes.ready())
    for (const { pod } of await runtime.list(undefined, signal)) known.push(pod);
  for (const pod of known) dirty.add(podKey(pod));
  if (mayForget(parts)) await sweep(parts, known);
}

/** What an ill runtime cannot show may still use its directory. */
function mayForget({ runtimes, isComplete }: TurnParts): boolean {
  const phases = [...runtimes.health().values()].map(({ phase }) => phase);
  return isComplete() && phases.every((phase) => phase === 'ready' || phase === 'absent');
}

async function sweep(
  { podsDir, mounter, tokens }: TurnParts,
  known: readonly PodIdentity[],
): Promise<void> {
  await tokens.keepOnly(new Set(known.map(({ uid: id }) => id)));
  const kept = new Set(known.map((pod) => podDirectory(podsDir, pod.uid)));
  for (const name of await readdir(podsDir)) {
    const directory = podDirectory(podsDir, uid(name));
    if (!kept.has(directory)) await removePodDirectory(directory, mounter);
  }
}
