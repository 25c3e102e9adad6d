import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerSpec } from '../container-spec.ts';
import {
  unknownEnd,
  type ContainerId,
  type ContainerState,
  type ObservedContainer,
  type ObservedSandbox,
  type SandboxMark,
} from '../observed.ts';
import { parseExit } from './exit-record.ts';
import { currentBootId, isAlive, parseIdentity, type ProcessIdentity } from './process-identity.ts';
import { absentAs, readText, type StateDir } from './state-dir.ts';

/** A sandbox as kept on disk. It holds nothing that runs: it lives until the machine restarts. */
export interface SandboxRecord {
  readonly mark: SandboxMark;
  readonly startedAt: number;
  readonly bootId: string;
}

/** A container's supervisor, as far as one was ever started. */
export interface Supervisor {
  readonly identity: ProcessIdentity | undefined;
  readonly startedAt: number;
}

export async function readSandbox(
  state: StateDir,
  id: ContainerId,
  ip: string | undefined,
): Promise<ObservedSandbox | undefined> {
  const text = await readText(state.sandbox(id));
  if (text === undefined) return undefined;
  const { mark, startedAt, bootId } = JSON.parse(text) as SandboxRecord;
  const runs = bootId === (await currentBootId());
  return runs
    ? { id, mark, state: { phase: 'running', startedAt, ip } }
    : { id, mark, state: { phase: 'exited', startedAt, finishedAt: startedAt } };
}

export async function readSpec(
  state: StateDir,
  id: ContainerId,
): Promise<ContainerSpec | undefined> {
  const text = await readText(join(state.container(id), 'spec'));
  return text === undefined ? undefined : (JSON.parse(text) as ContainerSpec);
}

export async function readContainer(
  state: StateDir,
  id: ContainerId,
): Promise<ObservedContainer | undefined> {
  const spec = await readSpec(state, id);
  if (!spec) return undefined;
  const { mark, sandboxId, image, imageId } = spec;
  return { id, mark, sandboxId, image, imageId, state: await readState(state, id, spec) };
}

/** Undefined when the container was never started. */
export async function readSupervisor(
  state: StateDir,
  id: ContainerId,
): Promise<Supervisor | undefined> {
  const path = join(state.container(id), 'shim');
  const written = await absentAs(undefined, stat(path));
  if (!written) return undefined;
  return {
    identity: parseIdentity((await readText(path)) ?? ''),
    startedAt: Math.floor(written.mtimeMs),
  };
}

async function readState(
  state: StateDir,
  id: ContainerId,
  spec: ContainerSpec,
): Promise<ContainerState> {
  const supervisor = await readSupervisor(state, id);
  if (!supervisor) return { phase: 'created' };
  const { identity, startedAt } = supervisor;
  const program = spec.command[0] ?? '';
  const exited = async (): Promise<ContainerState | undefined> =>
    parseExit((await readText(state.exit(id))) ?? '', startedAt, program);
  const ended = await exited();
  if (ended) return ended;
  if (identity && (await isAlive(identity))) return { phase: 'running', startedAt };
  // The exit is written before the supervisor ends: absent now, it will never be there.
  return (await exited()) ?? unknownEnd(startedAt, await lastSign(state, id, startedAt));
}

/** When the container was last heard of: its log, else its start. */
async function lastSign(state: StateDir, id: ContainerId, startedAt: number): Promise<number> {
  const log = await absentAs(undefined, stat(join(state.container(id), 'log')));
  return log ? Math.floor(log.mtimeMs) : startedAt;
}
