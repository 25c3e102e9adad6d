import { EdgeError, messageOf } from '@skerry/shared/errors';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { ContainerId } from '../runtime/observed.ts';
import { askHttp } from './ask-http.ts';
import { askTcp } from './ask-tcp.ts';
import { failure, success, type Answer, type Check } from './check.ts';

/** Whom to ask. */
export interface Asked {
  readonly runtime: Pick<ContainerRuntime, 'execSync'>;
  readonly id: ContainerId;
  readonly timeoutMs: number;
}

/** Asks a container one question; answers within about `timeoutMs`, whatever the container does. */
export type Ask = (check: Check, asked: Asked, signal: AbortSignal) => Promise<Answer>;

/** Asks over the network, or by a command inside the container. */
export const ask: Ask = async (check, asked, signal) => {
  const { timeoutMs } = asked;
  const patience = AbortSignal.timeout(timeoutMs);
  switch (check.type) {
    case 'exec':
      return askExec(check.command, asked, signal);
    case 'http':
      return askHttp(check, patience, signal);
    case 'tcp':
      return askTcp(check, patience, signal);
    case 'grpc': {
      const { askGrpc } = await import('./ask-grpc.ts'); // most nodes never need HTTP/2
      return askGrpc(check, timeoutMs, patience, signal);
    }
    case 'impossible':
      return { result: 'unknown', message: check.message };
  }
};

/** An engine that cannot be asked says nothing about the container. */
async function askExec(
  command: readonly string[],
  { runtime, id, timeoutMs }: Asked,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const outcome = await runtime.execSync(id, command, timeoutMs, signal);
    if (outcome.do === 'timed-out')
      return failure(
        `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`,
      );
    return outcome.exitCode === 0 ? success : failure(outcome.output);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof EdgeError)) throw error;
    return { result: 'unknown', message: messageOf(error) };
  }
}
