import { doubling, type BackoffLimits } from '@skerry/shared/backoff';
import type { Clock } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import type { JudgementBoard, StartState } from './judgement-board.ts';
import type { JudgementReports } from './judgement-reports.ts';
import type { JudgementSpec } from './judgement-spec.ts';
import { worstFirst } from './verdict.ts';
import type { Verification } from './verifier.ts';

/** Delays between verifications of what is Blocked, milliseconds. */
export const verifyBackoff: BackoffLimits = { firstMs: 2_000, maxMs: 60_000 };

export interface VerifiedStartParts {
  /** The judgements that the services wait for, as they are now. */
  readonly awaited: () => Promise<readonly JudgementSpec[]>;
  readonly verify: (spec: JudgementSpec, signal: AbortSignal) => Promise<Verification>;
  readonly board: JudgementBoard;
  readonly reports: Pick<JudgementReports, 'event'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Resolves when the services may start: a verifier has run for every judgement that they wait for, has said
 * what it found and is over, and none is Blocked. Until then it runs again, ever more rarely.
 */
export async function verifiedStart(parts: VerifiedStartParts, signal: AbortSignal): Promise<void> {
  const { awaited, board, clock, log } = parts;
  const delays = doubling(verifyBackoff);
  for (let attempts = 0; ; attempts++) {
    const specs = await awaited();
    const found = await Promise.all(specs.map((spec) => runVerifier(parts, spec, signal)));
    const { worst, why } = summary(found);
    const phase: StartState['phase'] = worst === 'Blocked' ? 'held' : 'started';
    const since = board.start.phase === phase ? board.start.since : clock.now();
    await tell(parts, worst, why);
    board.started({ phase, since, why, attempts: attempts + (specs.length > 0 ? 1 : 0) });
    if (phase === 'started') {
      log.info({ verified: found.map(({ judgement }) => judgement) }, 'services start');
      return;
    }
    const delayMs = delays.next().value;
    log.warn({ why, retryInMs: delayMs }, 'services held back');
    await clock.sleep(delayMs, signal);
  }
}

/** Status query, log query, report, exit: each a line of the log. */
export async function runVerifier(
  { verify, log }: Pick<VerifiedStartParts, 'verify' | 'log'>,
  spec: JudgementSpec,
  signal: AbortSignal,
): Promise<Verification> {
  const judgement = spec.name;
  log.info({ judgement }, 'verifier started');
  const found = await verify(spec, signal);
  const { verdict, z, why, results, logs } = found;
  log.info({ judgement, results }, 'verifier status query');
  for (const { unit, lines } of logs) log.info({ judgement, unit, lines }, 'verifier log query');
  const level = verdict === 'Ready' ? 'info' : 'warn';
  log[level]({ judgement, verdict, z, why }, 'verifier report');
  log.info({ judgement, verdict }, 'verifier exited');
  return found;
}

function summary(found: readonly Verification[]): {
  readonly worst: Verification['verdict'];
  readonly why: string;
} {
  const worst = worstFirst(found)[0]?.verdict ?? 'Ready';
  const those = found.filter(({ verdict }) => verdict !== 'Ready');
  const why = those.map((one) => `${one.judgement} is ${one.verdict}: ${one.why}`).join('; ');
  return { worst, why };
}

async function tell(
  { reports, board }: VerifiedStartParts,
  worst: Verification['verdict'],
  why: string,
): Promise<void> {
  if (worst === 'Blocked') await reports.event('Warning', 'StartBlocked', `held back: ${why}`);
  else if (worst === 'Degraded') await reports.event('Warning', 'StartDegraded', why);
  else if (board.start.phase === 'held')
    await reports.event('Normal', 'StartVerified', 'services start: nothing holds them back now');
}
