import type { Clock } from '@skerry/shared/clock';
import { PortInUse, mustBeFree } from '@skerry/shared/listen';
import { loopback, type Ports } from './settings.ts';

/** How long the daemons of a start that was killed may take to notice and end. */
const patienceMs = 3_000;
const pollMs = 100;

/**
 * Resolves when the ports of our daemons are free; throws PortInUse, which says who holds one. The demo
 * pod's port is not asked for: a pod outlives a start that was killed, and is taken over by the next.
 */
export async function awaitFreePorts(
  { hello: _hello, ...ours }: Ports,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const deadline = clock.monotonic() + patienceMs;
  for (;;) {
    try {
      for (const port of Object.values(ours)) await mustBeFree({ host: loopback, port });
      return;
    } catch (error) {
      if (!(error instanceof PortInUse) || clock.monotonic() >= deadline) throw error;
      await clock.sleep(pollMs, signal);
    }
  }
}
