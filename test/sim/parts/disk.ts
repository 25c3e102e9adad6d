import { StoreWriteFailed, type Write } from '@skerry/shared/store';
import { MemoryDisk, MemoryStore, type DiskTiming } from '@skerry/shared/testing/memory-store';
import type { Machine } from './machine.ts';

/** Keys and values that survive the process. */
export class SimDisk extends MemoryDisk {
  /** Refuses every write, as a full disk does. */
  isFull = false;
  /** Batches that it refused. */
  refusals = 0;
  /** Told of each batch just before it is on the disk; what it throws is a broken promise. */
  onWrite: (writes: readonly Write[], disk: SimDisk) => void = () => undefined;
}

/**
 * A store on a simulated disk. A batch reaches the disk at one moment, whole, and the process learns it at
 * a later one: a crash falls before, between or after. Reads take time, too.
 */
export class SimStore extends MemoryStore {
  constructor(disk: SimDisk, machine: Machine) {
    super(disk, simulatedTiming(disk, machine));
  }
}

function simulatedTiming(disk: SimDisk, machine: Machine): DiskTiming {
  const { timeline, name } = machine;
  const { random } = timeline;
  return {
    write: (_disk, writes) =>
      new Promise((resolve, reject) => {
        machine.later(random.delay(4, 300), () => {
          if (disk.isFull) {
            disk.refusals++;
            timeline.note(`${name} cannot write`);
            reject(new StoreWriteFailed('no space left on device'));
            return;
          }
          timeline.note(`${name} writes ${writes.map(({ key }) => key).join(' ')}`);
          try {
            disk.onWrite(writes, disk);
            disk.write(writes);
          } catch (error) {
            timeline.fail(error);
          }
          machine.later(random.delay(1, 20), resolve);
        });
      }),

    /** What is read was there at the beginning or at the end of the time it took. */
    read(what) {
      const before = random.chance(0.5) ? { value: what() } : undefined;
      return new Promise((resolve) => {
        machine.later(random.delay(1, 50), () => resolve(before ? before.value : what()));
      });
    },
  };
}
