import { describe, expect, it } from 'vitest';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { stopPods } from './stop-pods.ts';
import { FakeMachine, FakeRuntime } from './testing/fake-runtime.ts';
import { containerSpec, sandboxSpec, somePod } from './testing/specs.ts';

const { signal } = new AbortController();

async function running(runtime: FakeRuntime, name: string, command: string): Promise<void> {
  const pod = somePod(name);
  await runtime.runSandbox(sandboxSpec(pod));
  const [observed] = await runtime.list(pod);
  const sandboxId = observed?.sandboxes[0]?.id ?? '';
  const spec = containerSpec(pod, sandboxId, { name, command: [command, '0'] });
  await runtime.startContainer(await runtime.createContainer(spec));
}

describe('stopping all pods', () => {
  it('ends what runs, with a bounded grace, and leaves alone what has ended', async () => {
    const clock = new ManualClock();
    const machine = new FakeMachine(clock);
    const runtime = new FakeRuntime(machine);
    await running(runtime, 'polite', 'untilAsked');
    await running(runtime, 'stubborn', 'untilKilled');
    await running(runtime, 'done', 'exits');
    const stopping = stopPods([runtime], signal);
    await clock.advance(5_000);
    await stopping;
    const phases = (await runtime.list(undefined)).flatMap(({ containers }) =>
      containers.map(({ mark, state }) => [mark.name, state.phase]),
    );
    expect(phases.sort()).toEqual([
      ['done', 'exited'],
      ['polite', 'exited'],
      ['stubborn', 'exited'],
    ]);
    expect(machine.asked.filter((line) => line.startsWith('stop'))).toEqual([
      'stop polite.0 5s',
      'stop stubborn.0 5s',
    ]);
  });
});
