import { join } from 'node:path';
import type { ContainerRuntime, PodSelector } from '../runtime/container-runtime.ts';
import { sumOfUsage, usageBelow, type DiskUsage } from '../runtime/disk-usage.ts';
import type { ObservedPod } from '../runtime/observed.ts';
import { podDirectory } from './volumes/volume-dirs.ts';

/** A pod as a runtime has it. */
export interface PodOnRuntime {
  readonly runtime: ContainerRuntime;
  readonly observed: ObservedPod;
}

/** What a pod keeps on the node's disk. */
export interface DiskUse {
  /** Of all its containers and its own volumes. */
  readonly whole: DiskUsage;
  /** Bytes of the newest run of each container, by its name, without volumes. */
  readonly containers: ReadonlyMap<string, number>;
}

/** Pods of that name, or all, as every one of these runtimes has them. */
export async function podsOn(
  runtimes: readonly ContainerRuntime[],
  selector: PodSelector | undefined,
  signal: AbortSignal,
): Promise<PodOnRuntime[]> {
  const all = await Promise.all(
    runtimes.map(async (runtime) =>
      (await runtime.list(selector, signal)).map((observed) => ({ runtime, observed })),
    ),
  );
  return all.flat();
}

export async function podDiskUse(
  podsDir: string,
  { runtime, observed }: PodOnRuntime,
  signal: AbortSignal,
): Promise<DiskUse> {
  const runs = await Promise.all(
    observed.containers.map(async ({ id, mark }) => {
      return [mark.name, await runtime.diskUsage(id, signal)] as const;
    }),
  );
  const own = await usageBelow(join(podDirectory(podsDir, observed.pod.uid), 'volumes'));
  return {
    whole: sumOfUsage([own, ...runs.map(([, usage]) => usage)]),
    containers: new Map(runs.map(([name, { bytes }]) => [name, bytes])), // of a name, the newest stays
  };
}
