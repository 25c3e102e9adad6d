import type { ObservedContainer } from '../runtime/observed.ts';
import type { ContainerShape } from './pod-shape.ts';
import type { Ailment, Progress } from './progress.ts';

/** What is known of how containers fare. */
type Known = Pick<Progress, 'verdicts' | 'postStarts'>;

/** How far the postStart hook of a container that runs has come; without one it is done. */
export function postStartPhase(
  { hooks }: ContainerShape,
  { id }: ObservedContainer,
  { postStarts }: Known,
): 'due' | 'running' | 'done' | 'failed' {
  return hooks.postStart ? (postStarts.get(id)?.phase ?? 'due') : 'done';
}

/** It runs, its postStart hook is over, and its startup probe has succeeded. */
export function hasStarted(wanted: ContainerShape, run: ObservedContainer, known: Known): boolean {
  if (run.state.phase !== 'running') return false;
  if (postStartPhase(wanted, run, known) !== 'done') return false;
  return !wanted.probes.startup || known.verdicts.get(run.id)?.startup === 'success';
}

/** It has started, and its readiness probe says that it may be spoken to. */
export function isReady(wanted: ContainerShape, run: ObservedContainer, known: Known): boolean {
  if (!hasStarted(wanted, run, known)) return false;
  return !wanted.probes.readiness || known.verdicts.get(run.id)?.readiness === 'success';
}

/** Why a container that runs has to end, if it has to. */
export function ailmentOf(
  wanted: ContainerShape,
  run: ObservedContainer,
  known: Known,
): Ailment | undefined {
  const { liveness, startup } = known.verdicts.get(run.id) ?? {};
  if (postStartPhase(wanted, run, known) === 'failed') return 'post-start';
  if (wanted.probes.liveness && liveness === 'failure') return 'liveness';
  if (wanted.probes.startup && startup === 'failure') return 'startup';
  const isIll = run.state.phase === 'running' && run.state.health === 'unhealthy';
  return isIll ? 'health' : undefined;
}
