import type { PodIdentity } from '../runtime/observed.ts';
import { podLabel } from './container-status.ts';
import type { ContainerStatus, PodStatus } from './pod.ts';
import { UNSUPPORTED_FIELDS } from './pod-conditions.ts';
import type { PodEvent } from './pod-events.ts';

/**
 * What is worth saying of a pod that fails as a whole or asks for what is not done here, or whose container
 * waits for another reason than before.
 */
export function statusEvents(
  pod: PodIdentity,
  before: PodStatus | undefined,
  now: PodStatus,
): PodEvent[] {
  return [
    ...unsupportedEvents(before, now),
    ...verdictEvents(before, now),
    ...containerEvents(pod, before, now),
  ];
}

/** Fields that are not done, told again when they have become others. */
function unsupportedEvents(before: PodStatus | undefined, now: PodStatus): PodEvent[] {
  const message = unsupportedIn(now);
  if (message === undefined || message === unsupportedIn(before)) return [];
  return [{ type: 'Warning', reason: 'UnsupportedFields', message }];
}

function unsupportedIn(status: PodStatus | undefined): string | undefined {
  return status?.conditions?.find(({ type }) => type === UNSUPPORTED_FIELDS)?.message;
}

/** The pod as a whole was refused or ended. */
function verdictEvents(before: PodStatus | undefined, { reason, message }: PodStatus): PodEvent[] {
  if (reason === undefined || reason === before?.reason) return [];
  return [{ type: 'Warning', reason, message: message ?? '' }];
}

function containerEvents(
  pod: PodIdentity,
  before: PodStatus | undefined,
  now: PodStatus,
): PodEvent[] {
  return allStatuses(now).flatMap((status) => {
    const reason = status.state.waiting?.reason;
    const previous = allStatuses(before).find(({ name }) => name === status.name);
    const isNews =
      reason !== previous?.state.waiting?.reason || status.restartCount !== previous?.restartCount;
    return isNews ? waitingEvents(pod, status) : [];
  });
}

function allStatuses(status: PodStatus | undefined): ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

function waitingEvents(pod: PodIdentity, { name, image, state }: ContainerStatus): PodEvent[] {
  const { reason = '', message = '' } = state.waiting ?? {};
  const event = (type: PodEvent['type'], why: string, text: string): PodEvent => ({
    type,
    reason: why,
    message: text,
    container: name,
  });
  const failed = (text: string): PodEvent => event('Warning', 'Failed', text);
  const restarting = `Back-off restarting failed container ${name} in pod ${podLabel(pod)}`;
  const events: Readonly<Record<string, readonly PodEvent[]>> = {
    CrashLoopBackOff: [event('Warning', 'BackOff', restarting)],
    ErrImagePull: [
      failed(`Failed to pull image "${image}": ${message}`),
      failed('Error: ErrImagePull'),
    ],
    ImagePullBackOff: [
      event('Normal', 'BackOff', `Back-off pulling image "${image}"`),
      failed('Error: ImagePullBackOff'),
    ],
    InvalidImageName: [
      event('Warning', 'InspectFailed', `Failed to inspect image "${image}": ${message}`),
      failed('Error: InvalidImageName'),
    ],
    ErrImageNeverPull: [
      event('Warning', 'ErrImageNeverPull', message),
      failed('Error: ErrImageNeverPull'),
    ],
    CreateContainerConfigError: [failed(`Error: ${message}`)],
    CreateContainerError: [failed(`Error: ${message}`)],
    RunContainerError: [failed(`Error: ${message}`)],
    ContainerRuntimeUnavailable: [event('Warning', 'FailedCreatePodSandBox', message)],
  };
  return [...(events[reason] ?? [])];
}
