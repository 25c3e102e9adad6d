import { fullJitter } from '@skerry/shared/backoff';
import type { Clock, Random } from '@skerry/shared/clock';
import { EdgeError, codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Counter } from '@skerry/shared/metrics';
import type { QueuedReport } from '../link/report-entry.ts';
import type { ReportOutbox } from '../link/report-outbox.ts';

/** Brings texts of JSON to one target. Throws PushRefused for what it will never take. */
export type Push = (texts: readonly string[], signal: AbortSignal) => Promise<void>;

export type PushOutcome = 'pushed' | 'refused' | 'failed';

export interface PusherParts {
  readonly outbox: ReportOutbox;
  readonly push: Push;
  /** Texts that leave together at most. */
  readonly together: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** A batch that failed is counted once, and again when it succeeds. */
  readonly count: (outcome: PushOutcome, texts: number) => void;
}

const again = { firstMs: 500, maxMs: 30_000 };

/** Brings what waits for one target there, in order, for as long as it takes; until the signal aborts. */
export async function runPusher(parts: PusherParts, signal: AbortSignal): Promise<void> {
  const { outbox, together, clock, random, log, count } = parts;
  let delays = fullJitter(again, random);
  try {
    while (!signal.aborted) {
      if (outbox.idle) await outbox.arrival(signal);
      const batch = await outbox.take(together);
      if (await isThrough(parts, batch, signal)) {
        delays = fullJitter(again, random);
        continue;
      }
      outbox.rewind();
      count('failed', batch.length);
      const afterMs = delays.next().value;
      log.debug({ afterMs }, 'push will be tried again');
      await clock.sleep(afterMs, signal);
    }
  } catch (error) {
    if (!isAbort(error, signal)) throw error;
  } finally {
    outbox.rewind();
  }
}

async function isThrough(
  { outbox, push, log, count }: PusherParts,
  batch: readonly QueuedReport[],
  signal: AbortSignal,
): Promise<boolean> {
  let outcome: 'accepted' | 'refused' = 'accepted';
  try {
    if (batch.length > 0)
      await push(
        batch.map(({ payload }) => Buffer.from(payload).toString('utf8')),
        signal,
      );
  } catch (error) {
    if (signal.aborted) throw error;
    log.warn({ code: codeOf(error), why: messageOf(error) }, 'not pushed');
    if (!(error instanceof EdgeError) || error.disposition !== 'reject') return false;
    outcome = 'refused';
  }
  await Promise.all(batch.map(({ id }) => outbox.settle(id, outcome)));
  count(outcome === 'accepted' ? 'pushed' : 'refused', batch.length);
  return true;
}

export function openCount(
  pushed: Counter<'method' | 'outcome'>,
  method: string,
): PusherParts['count'] {
  return (outcome, texts) => pushed.inc({ method, outcome }, texts);
}
