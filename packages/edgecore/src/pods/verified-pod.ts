import { doubling } from '@skerry/shared/backoff';
import type { Clock } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import type { ObjectKey } from '@skerry/shared/names';
import type { Verification } from '../judgement/verifier.ts';
import { verifyBackoff } from '../judgement/verified-start.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { Background } from './background.ts';
import type { PodObject } from './pod.ts';
import type { PodEvents } from './pod-events.ts';
import { isBeingDeleted } from './pod-fate.ts';
import type { PodMemory, PodVerification } from './pod-memory.ts';
import { identityOf } from './pod-shape.ts';

/** The StatusJudgement that must not be Blocked when the pod begins to run on a node. */
export const VERIFY_ANNOTATION = 'edge.skerry.io/verify';

/** One verification by the name of a judgement; undefined when this node has none of that name. */
export type VerifyByName = (name: string, signal: AbortSignal) => Promise<Verification | undefined>;

/** What a pod's verification needs. */
export interface VerifyingParts {
  readonly verify?: VerifyByName | undefined;
  readonly background: Background;
  readonly events: PodEvents;
  readonly clock: Clock;
  readonly log: Log;
}

interface VerifiedPod {
  readonly key: ObjectKey;
  readonly object: PodObject;
}

/** Why a pod does not begin to run yet, and when to look again. */
export interface HoldBack {
  readonly message: string;
  readonly afterMs: number;
}

/** A verification says by itself when it is over; this is for what is lost. */
const LOOK_AGAIN_MS = 60_000;

/**
 * Whether a pod that asks for a verification has to wait for it. One that runs was verified, perhaps by an
 * earlier agent; while it is Blocked it is verified again and again, ever more rarely.
 */
export async function holdBack(
  parts: VerifyingParts,
  pod: VerifiedPod,
  memory: PodMemory,
  runtime: ContainerRuntime,
  signal: AbortSignal,
): Promise<HoldBack | undefined> {
  const asked = askedOf(parts, pod);
  if (!asked) return undefined;
  const before = (memory.verification ??= await adopted(pod, memory, runtime, signal));
  if (before?.phase === 'passed') return undefined;
  const afterMs = before ? leftOf(before, parts.clock.now()) : 0;
  if (before && afterMs > 0) return { message: before.why, afterMs };
  const why = before?.why ?? `waits for the verification by ${asked.judgement}`;
  memory.verification = { phase: 'running', why };
  begin(parts, pod, memory, asked, signal);
  return { message: why, afterMs: LOOK_AGAIN_MS };
}

type Pending = Exclude<PodVerification, { readonly phase: 'passed' }>;

/** Until there is something to do, milliseconds; 0: now. */
function leftOf(pending: Pending, now: number): number {
  return pending.phase === 'running' ? LOOK_AGAIN_MS : Math.max(0, pending.at - now);
}

/** A pod that is being ended, or that asks for nothing, is not verified. */
function askedOf({ verify }: VerifyingParts, { object }: VerifiedPod): Asked | undefined {
  const judgement = object.metadata.annotations?.[VERIFY_ANNOTATION];
  if (!judgement || !verify || isBeingDeleted(object)) return undefined;
  return { judgement, verify };
}

async function adopted(
  { object }: VerifiedPod,
  { uid }: PodMemory,
  runtime: ContainerRuntime,
  signal: AbortSignal,
): Promise<PodVerification | undefined> {
  const { namespace, name } = identityOf(object);
  const pods = await runtime.list({ namespace, name }, signal);
  const own = pods.find(({ pod }) => pod.uid === uid);
  const runs = own?.sandboxes.some(({ state }) => state.phase === 'running') === true;
  return runs ? { phase: 'passed' } : undefined;
}

interface Asked {
  readonly judgement: string;
  readonly verify: VerifyByName;
}

function begin(
  parts: VerifyingParts,
  { key, object }: VerifiedPod,
  memory: PodMemory,
  { judgement, verify }: Asked,
  signal: AbortSignal,
): void {
  const { background, clock, log, events } = parts;
  const before = memory.verification;
  memory.verification = {
    phase: 'running',
    why: before && 'why' in before ? before.why : judgement,
  };
  const delays = (memory.verifyDelays ??= doubling(verifyBackoff));
  const task = async (s: AbortSignal): Promise<void> => {
    const found = await verify(judgement, s).catch((error: unknown) => {
      memory.verification = undefined;
      throw error;
    });
    const about = identityOf(object);
    if (found && found.verdict !== 'Blocked') {
      memory.verification = { phase: 'passed' };
      log.info({ key, judgement, verdict: found.verdict }, 'pod verified');
      if (found.verdict === 'Ready') return;
      const message = `${judgement} is ${found.verdict}: ${found.why}`;
      await events.tell(about, { type: 'Warning', reason: 'VerificationDegraded', message });
      return;
    }
    const why = found
      ? `held back: ${judgement} is Blocked: ${found.why}`
      : `held back: this node has no StatusJudgement ${judgement}`;
    memory.verification = { phase: 'blocked', why, at: clock.now() + delays.next().value };
    log.warn({ key, judgement, why }, 'pod held back');
    await events.tell(about, { type: 'Warning', reason: 'VerificationBlocked', message: why });
  };
  background.begin(key, task, signal);
}
