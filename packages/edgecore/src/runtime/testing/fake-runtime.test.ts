import { systemClock } from '@skerry/shared/clock';
import { FakeMachine, FakeRuntime } from './fake-runtime.ts';
import { runtimeContract } from './runtime-contract.ts';

runtimeContract('fake', () => {
  const machine = new FakeMachine(systemClock);
  machine.images.set('busybox:1', 'sha256:1');
  return Promise.resolve({
    open: () => Promise.resolve(new FakeRuntime(machine)),
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
});
