import { namedPods } from './pods-of.ts';
import type { ContainerUsage } from '../../runtime/cgroup.ts';
import type { ContainerRuntime } from '../../runtime/container-runtime.ts';
import type { ObservedContainer, ObservedPod } from '../../runtime/observed.ts';
import { MalformedJudgement } from '../fields.ts';
import { CannotSample, type OpenSource, type SourceParts } from './source.ts';

/** A container of ours, where it runs. */
interface Found {
  readonly runtime: ContainerRuntime;
  readonly container: ObservedContainer;
}

/** Containers of pods, by the runtime and the kernel; added up where there are several. */
export const container: OpenSource = (settings, parts) => {
  const wanted = {
    namespace: settings.text('namespace', 'default'),
    pod: settings.optionalText('pod'),
    labels: settings.has('podLabels') ? settings.labels('podLabels') : undefined,
  };
  if ((wanted.pod === undefined) === (wanted.labels === undefined))
    throw new MalformedJudgement(`${settings.path} needs either pod or podLabels`);
  const name = settings.optionalText('container');
  const measured = measures[settings.choice('measure', measureNames, 'running')](parts);
  return {
    sample: async (signal) => {
      const names = await namedPods(parts.objects, wanted);
      const pods = names.map((pod) => observed(parts, wanted.namespace, pod, signal));
      const found = (await Promise.all(pods)).flat();
      const isMeant = ({ container: { mark } }: Found): boolean =>
        (name ?? mark.name) === mark.name;
      return measured(found.filter(isMeant), signal);
    },
  };
};

/** What is measured of containers; made once for each unit, for some remember what was before. */
type Measure = (
  parts: SourceParts,
) => (found: readonly Found[], signal: AbortSignal) => number | Promise<number>;

const measureNames = ['running', 'restarts', 'cpuPercent', 'memoryBytes'] as const;
const measures: Readonly<Record<(typeof measureNames)[number], Measure>> = {
  running: () => (found) => running(found).length,
  restarts: () => (found) => sum(some(found).map((one) => one.container.mark.attempt)),
  memoryBytes: () => async (found, signal) => {
    const used = await usages(some(found), signal);
    return sum(used.map(({ memoryBytes = 0 }) => memoryBytes));
  },
  cpuPercent: cpuShare,
};

function cpuShare({ clock }: SourceParts): ReturnType<Measure> {
  let before: ReadonlyMap<string, { readonly seconds: number; readonly at: number }> = new Map();
  return async (found, signal) => {
    const used = await usages(some(found), signal);
    const at = clock.monotonic();
    const now = new Map(used.map(({ id, cpuSeconds = 0 }) => [id, { seconds: cpuSeconds, at }]));
    const shares = [...now].flatMap(([id, { seconds }]) => {
      const then = before.get(id);
      return then && at > then.at ? (100_000 * (seconds - then.seconds)) / (at - then.at) : [];
    });
    before = now;
    if (shares.length === 0) throw new CannotSample('there is no earlier sample to compare with');
    return sum(shares);
  };
}

type Used = Partial<ContainerUsage> & { readonly id: string };

function usages(found: readonly Found[], signal: AbortSignal): Promise<Used[]> {
  const all = running(found).map(async ({ runtime, container: { id } }) => {
    return { id, ...(await runtime.usage(id, signal)) };
  });
  return Promise.all(all);
}

function running(found: readonly Found[]): readonly Found[] {
  return found.filter((one) => one.container.state.phase === 'running');
}

function some(found: readonly Found[]): readonly Found[] {
  if (found.length === 0) throw new CannotSample('there is no such container');
  return found;
}

/** The newest run of each container of a pod. */
async function observed(
  { runtimes }: SourceParts,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Found[]> {
  const lists = await Promise.all(
    runtimes.ready().map(async (runtime) => {
      const pods = await runtime.list({ namespace, name }, signal);
      return pods.flatMap(newestRuns).map((one): Found => ({ runtime, container: one }));
    }),
  );
  return lists.flat();
}

function newestRuns({ containers }: ObservedPod): ObservedContainer[] {
  return [...new Map(containers.map((one) => [one.mark.name, one])).values()];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}
