import { systemClock } from '@skerry/shared/clock';
import type { ContainerRuntime } from '../container-runtime.ts';
import { FakeMachine, FakeRuntime } from './fake-runtime.ts';
import type { RuntimeUnderTest } from './runtime-contract.ts';

/** A fake runtime for the contract, as `wrap` makes it. */
export function fakeRuntimeUnderTest(
  wrap: (runtime: ContainerRuntime) => ContainerRuntime = (runtime) => runtime,
): Promise<RuntimeUnderTest> {
  const machine = new FakeMachine(systemClock);
  machine.images.set('busybox:1', 'sha256:1');
  return Promise.resolve({
    open: () => Promise.resolve(wrap(new FakeRuntime(machine))),
    image: 'busybox:1',
    imageUser: '',
    usesImages: true,
    workloads: {
      untilAsked: ['untilAsked'],
      untilKilled: ['untilKilled'],
      exits: (code) => ['exits', String(code)],
      prints: (first, second) => ['prints', first, second],
      shows: ['shows'],
      missing: ['no-such-program'],
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}
