import { describe, expect, it } from 'vitest';
import { containerSpec, sandboxSpec, somePod } from '../testing/specs.ts';
import { containerOptions, sandboxOptions } from './create-options.ts';
import type { ContainerReport } from './engine-types.ts';
import { observeContainer, observeSandbox } from './observe.ts';

const pod = somePod();
const never = '0001-01-01T00:00:00Z';
const ended = {
  Status: 'exited',
  Running: false,
  Pid: 0,
  OOMKilled: false,
  ExitCode: 0,
  Error: '',
  StartedAt: '2026-01-01T00:00:01.5Z',
  FinishedAt: '2026-01-01T00:00:03.123456789Z',
};

const report = (
  state: Partial<ContainerReport['State']>,
  labels = containerOptions('o', containerSpec(pod, 's1', {})).Labels,
): ContainerReport => ({
  Id: 'c1',
  Created: '2026-01-01T00:00:00Z',
  Image: 'sha256:1',
  LogPath: '',
  State: { ...ended, ...state },
  Config: { Labels: labels, Image: 'x', Tty: false },
  NetworkSettings: { Networks: { bridge: { IPAddress: '172.17.0.2' } } },
});

const at = (seconds: number): number => Date.UTC(2026, 0, 1) + seconds * 1000;

describe('observeContainer', () => {
  it('reads how a container ended', () => {
    expect(observeContainer(report({ ExitCode: 3 })).state).toEqual({
      phase: 'exited',
      startedAt: at(1.5),
      finishedAt: at(3.123),
      exitCode: 3,
      reason: 'Error',
    });
    expect(observeContainer(report({})).state).toMatchObject({ reason: 'Completed' });
    expect(observeContainer(report({ OOMKilled: true, ExitCode: 137 })).state).toMatchObject({
      reason: 'OOMKilled',
    });
  });

  it('tells what runs from what was only created', () => {
    const running = { Status: 'running', Running: true };
    expect(observeContainer(report(running)).state).toEqual({
      phase: 'running',
      startedAt: at(1.5),
    });
    const created = { Status: 'created', StartedAt: never, FinishedAt: never };
    expect(observeContainer(report(created)).state).toEqual({ phase: 'created' });
  });

  it('takes a created container with an error for one that could not be started', () => {
    const failed = { Status: 'created', Error: 'exec: no', ExitCode: 127, StartedAt: never };
    expect(observeContainer(report(failed)).state).toEqual({
      phase: 'exited',
      startedAt: 0,
      finishedAt: at(0),
      exitCode: 127,
      reason: 'StartError',
      message: 'exec: no',
    });
  });
});

describe('observeSandbox', () => {
  const { Labels } = sandboxOptions('o', 'p', sandboxSpec(pod, 1));

  it('reads the address of one that runs', () => {
    const running = observeSandbox(report({ Running: true }, Labels));
    expect(running.state).toEqual({ phase: 'running', startedAt: at(1.5), ip: '172.17.0.2' });
    expect(running.mark).toEqual({ pod, attempt: 1, streak: 0 });
  });

  it('takes one that was never started for ended', () => {
    const created = { Status: 'created', StartedAt: never, FinishedAt: never };
    expect(observeSandbox(report(created, Labels)).state).toEqual({
      phase: 'exited',
      startedAt: 0,
      finishedAt: at(0),
    });
  });
});
