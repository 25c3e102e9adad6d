import type { Clock } from '@skerry/shared/clock';

/** How long a process is looked at, milliseconds, and the share of a core from which on it is busy. */
export const busyWindowMs = 2_000;
export const busyShare = 0.8;

/**
 * Resolves once the process has used most of a core over two seconds: starting fifty pods does not do that; rejects with the signal's reason.
 * `cpuMs` is what it has used so far, milliseconds of one core.
 */
export async function whenBusy(
  { clock, cpuMs }: { readonly clock: Clock; readonly cpuMs: () => number },
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const [used, since] = [cpuMs(), clock.monotonic()];
    await clock.sleep(busyWindowMs, signal);
    if (cpuMs() - used >= busyShare * (clock.monotonic() - since)) return;
  }
}

/** CPU time of this process, milliseconds. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
