import type { ControllerParts } from '../client/controller-parts.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import { pods } from '../client/kinds.ts';
import type { Pod } from '../client/objects.ts';
import { withCondition } from '../workload/condition.ts';
import { isEnding } from '../workload/pod-state.ts';
import type { PlacedPod } from './facts.ts';
import type { Preemption } from './preempt.ts';

/** Asks the victims of a preemption to go, each with the grace that it has for its end. */
export async function makeRoom(
  parts: ControllerParts & { readonly recorder: EventRecorder },
  pod: Pod,
  { node, victims }: Preemption,
): Promise<void> {
  const message = `Preempted by pod ${pod.metadata.uid} on node ${node}`;
  await Promise.all(victims.map((victim) => pushOut(parts, victim, message)));
}

async function pushOut(
  { client, clock, recorder }: ControllerParts & { readonly recorder: EventRecorder },
  { namespace, name, uid }: PlacedPod,
  message: string,
): Promise<void> {
  const victim = client.get(pods, { namespace, name });
  if (victim?.metadata.uid !== uid || isEnding(victim)) return;
  const saying = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
  } as const;
  await client.updateStatus(pods, { namespace, name, uid }, ({ status = {} }) => ({
    ...status,
    conditions: withCondition(status.conditions, saying, clock.now()),
  }));
  await client.delete(pods, { namespace, name }, { uid });
  await recorder.tell(pods, victim, { type: 'Normal', reason: 'Preempted', message });
}
