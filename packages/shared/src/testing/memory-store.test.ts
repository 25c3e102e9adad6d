import { MemoryDisk, MemoryStore } from './memory-store.ts';
import { describeStore } from './store-contract.ts';

describeStore('memory', () => {
  const disk = new MemoryDisk();
  return Promise.resolve({
    open: () => Promise.resolve(new MemoryStore(disk)),
    dispose: () => Promise.resolve(),
  });
});
