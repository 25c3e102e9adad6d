import { devices } from '@skerry/cloudhub/kube/resource';
import { KubeError } from '@skerry/cloudhub/kube/kube-errors';
import type { KubeWriter } from '@skerry/cloudhub/kube/kube-api';
import type { Clock, Random } from '@skerry/shared/clock';
import { version, type ObjectKey } from '@skerry/shared/names';
import { aborted, supervise, type Task } from '@skerry/shared/supervise';
import type { Fleet } from './fleet.ts';
import { desiredPatch } from './objects.ts';

export interface ChangesParts {
  readonly fleet: Fleet;
  readonly api: Pick<KubeWriter, 'patch'>;
  /** Desired values that are set each second, in total. */
  readonly perSecond: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** Changes under way at once. */
const mostAtOnce = 32;

/** Asks something of one device after another, and measures how long it takes to the device's node. */
export async function runChanges(parts: ChangesParts, signal: AbortSignal): Promise<void> {
  const workers = Math.min(mostAtOnce, Math.ceil(parts.perSecond));
  if (workers === 0) return aborted(signal);
  const everyMs = (workers / parts.perSecond) * 1_000;
  const worker: Task = async (inner) => {
    for (;;) {
      const before = parts.clock.monotonic();
      await changeOne(parts, inner);
      const left = before + everyMs - parts.clock.monotonic();
      await parts.clock.sleep(Math.max(0, left), inner);
    }
  };
  const tasks = Array.from({ length: workers }, (_, n) => [n, worker] as const);
  return supervise(signal, Object.fromEntries(tasks));
}

async function changeOne(parts: ChangesParts, signal: AbortSignal): Promise<void> {
  const { fleet, clock, random } = parts;
  const key = fleet.device(Math.floor(random() * fleet.devices));
  if (!key) return;
  const asked = clock.monotonic();
  const at = await accepted(parts, key, signal);
  if (at === undefined) return;
  await fleet.durable(key, at, signal);
  if (!signal.aborted) fleet.tally.changeMs.add(clock.monotonic() - asked);
}

/** The version that the change was given; undefined when the API server would not have it. */
async function accepted(
  { api, random, fleet }: ChangesParts,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<ReturnType<typeof version> | undefined> {
  const patch = { kind: 'merge', body: desiredPatch(Math.floor(random() * 1e6)) } as const;
  try {
    const answer = await api.patch(devices, key, patch, signal);
    const { metadata } = JSON.parse(answer.toString('utf8')) as {
      readonly metadata: { readonly resourceVersion: string };
    };
    return version(metadata.resourceVersion);
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    fleet.tally.failed(error.code);
    return undefined;
  }
}
