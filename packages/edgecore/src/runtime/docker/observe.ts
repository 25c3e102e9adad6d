import {
  exitReason,
  type ContainerState,
  type Exited,
  type ObservedContainer,
  type ObservedSandbox,
  type SandboxState,
} from '../observed.ts';
import type { ContainerReport } from './engine-types.ts';
import { containerOrigin, sandboxMark } from './labels.ts';

type Running = Extract<ContainerState, { phase: 'running' }>;

/** Reads a sandbox from the engine's report. One that was never started counts as ended. */
export function observeSandbox(report: ContainerReport): ObservedSandbox {
  return { id: report.Id, mark: sandboxMark(report.Config.Labels), state: sandboxState(report) };
}

/** Reads a container from the engine's report. */
export function observeContainer(report: ContainerReport): ObservedContainer {
  return {
    id: report.Id,
    ...containerOrigin(report.Config.Labels),
    imageId: report.Image,
    state: containerState(report),
  };
}

function sandboxState(report: ContainerReport): SandboxState {
  const startedAt = timeOf(report.State.StartedAt);
  if (report.State.Running) return { phase: 'running', startedAt, ...networkOf(report) };
  const finishedAt = timeOf(report.State.FinishedAt) || timeOf(report.Created);
  return { phase: 'exited', startedAt, finishedAt };
}

function containerState(report: ContainerReport): ContainerState {
  const { State } = report;
  if (State.Running)
    return { phase: 'running', startedAt: timeOf(State.StartedAt), ...healthOf(report) };
  if (State.Status !== 'created') return exited(report);
  return State.Error === '' ? { phase: 'created' } : neverRan(report);
}

/** An image without a check has no health, or the health `none`. */
function healthOf({ State }: ContainerReport): Pick<Running, 'health'> {
  const status = State.Health?.Status;
  return status === 'starting' || status === 'healthy' || status === 'unhealthy'
    ? { health: status }
    : {};
}

function exited({ State }: ContainerReport): Exited {
  const startedAt = timeOf(State.StartedAt);
  return {
    phase: 'exited',
    startedAt,
    // The engine notes a start when it has returned: a short-lived process can have ended before.
    finishedAt: Math.max(timeOf(State.FinishedAt), startedAt),
    exitCode: State.ExitCode,
    reason: State.OOMKilled ? 'OOMKilled' : exitReason(State.ExitCode),
    ...(State.Error !== '' && { message: State.Error }),
  };
}

/** The engine leaves a container whose process it could not start as “created”, with an error. */
function neverRan({ State, Created }: ContainerReport): Exited {
  return {
    phase: 'exited',
    startedAt: 0,
    finishedAt: timeOf(Created),
    exitCode: State.ExitCode || 128,
    reason: 'StartError',
    message: State.Error,
  };
}

function networkOf({ NetworkSettings }: ContainerReport): {
  readonly ip: string | undefined;
  readonly gateway?: string;
} {
  const found = Object.values(NetworkSettings.Networks ?? {}).find(
    ({ IPAddress }) => IPAddress !== '',
  );
  const { IPAddress: ip, Gateway: gateway = '' } = found ?? {};
  return { ip, ...(gateway !== '' && { gateway }) };
}

/** 0 for what never happened: the engine writes year 1. */
function timeOf(text: string): number {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms < 0 ? 0 : ms;
}
