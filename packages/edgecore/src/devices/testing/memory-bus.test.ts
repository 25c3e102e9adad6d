import { describeBus } from './bus-contract.ts';
import { MemoryBus } from './memory-bus.ts';

describeBus('memory', () =>
  Promise.resolve({ bus: new MemoryBus(), [Symbol.asyncDispose]: () => Promise.resolve() }),
);
