import type { Answer } from '../probes/check.ts';
import type { ProbeTarget } from '../probes/prober.ts';
import type { PodEvent } from './pod-events.ts';

const names = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' } as const;

/** What is told of an answer that is not simply a success, in the words of a kubelet. */
export function probeEvent({ kind, container }: ProbeTarget, answer: Answer): PodEvent {
  const name = names[kind];
  const warning = (reason: string, message: string): PodEvent => ({
    type: 'Warning',
    reason,
    message,
    container,
  });
  switch (answer.result) {
    case 'success':
    case 'warning':
      return warning('ProbeWarning', `${name} probe warning: ${answer.message}`);
    case 'failure':
      return warning('Unhealthy', `${name} probe failed: ${answer.message}`);
    case 'unknown':
      return warning('Unhealthy', `${name} probe errored: ${answer.message}`);
  }
}
