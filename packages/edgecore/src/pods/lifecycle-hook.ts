import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import { getHttp } from '../probes/http-get.ts';
import type { HttpCheck } from '../probes/check.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { ContainerId } from '../runtime/observed.ts';
import { checkOf } from './check-of.ts';
import type { LifecycleHandler } from './handlers.ts';
import type { Container } from './pod.ts';

/** What a hook is run with. */
export interface HookParts {
  readonly runtime: Pick<ContainerRuntime, 'execSync'>;
  readonly clock: Clock;
  readonly id: ContainerId;
  readonly container: Container;
  readonly podIp: string;
  /** `name_namespace(uid)`. */
  readonly podLabel: string;
  readonly timeoutMs: number;
}

/**
 * Runs a lifecycle hook; answers why it failed, or undefined. Of an HTTP request only that it was
 * answered matters, not with which status. A `tcpSocket` always fails, as the API says. Throws only
 * the reason of `signal`.
 *
 * @see https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
 */
export async function runHook(
  handler: LifecycleHandler,
  parts: HookParts,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await attempt(handler, parts, signal);
  } catch (error) {
    signal.throwIfAborted();
    return failed(handler, parts, messageOf(error));
  }
}

async function attempt(
  handler: LifecycleHandler,
  parts: HookParts,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { runtime, clock, id, container, podIp, timeoutMs } = parts;
  if (handler.sleep) {
    await clock.sleep(Math.min(handler.sleep.seconds * 1000, timeoutMs), signal);
    return undefined;
  }
  if (handler.tcpSocket)
    return failed(handler, parts, 'tcpSocket is no handler of lifecycle hooks');
  const check = checkOf(handler, container, podIp);
  if (check.type === 'http') {
    await tell(check, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
    return undefined;
  }
  if (check.type !== 'exec') return failed(handler, parts, messageOfImpossible(check));
  const outcome = await runtime.execSync(id, check.command, timeoutMs, signal);
  if (outcome.do === 'timed-out') return failed(handler, parts, 'took too long');
  if (outcome.exitCode === 0) return undefined;
  const why = `command exited with ${outcome.exitCode}, message: ${JSON.stringify(outcome.output)}`;
  return failed(handler, parts, why);
}

function messageOfImpossible(check: ReturnType<typeof checkOf>): string {
  return check.type === 'impossible' ? check.message : `${check.type} is no lifecycle handler`;
}

/** A server that turns out to speak plain HTTP is spoken to so, as by a kubelet. */
async function tell(check: HttpCheck, signal: AbortSignal): Promise<void> {
  const url = new URL(check.url);
  try {
    await getHttp(url, check, signal);
  } catch (error) {
    if (url.protocol !== 'https:' || codeOf(error) !== 'EPROTO') throw error;
    url.protocol = 'http:';
    await getHttp(url, check, signal);
  }
}

function failed(handler: LifecycleHandler, parts: HookParts, why: string): string {
  const { exec, httpGet, sleep } = handler;
  const what = exec
    ? `Exec lifecycle hook (${JSON.stringify(exec.command ?? [])})`
    : httpGet
      ? `HTTP lifecycle hook (${httpGet.path ?? '/'})`
      : sleep
        ? `Sleep lifecycle hook (${sleep.seconds})`
        : 'Lifecycle hook';
  const whose = `Container "${parts.container.name}" in Pod "${parts.podLabel}"`;
  return `${what} for ${whose} failed - error: ${why}`;
}
