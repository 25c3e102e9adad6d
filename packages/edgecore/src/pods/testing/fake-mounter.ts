import { PodUnfit } from '../pod-errors.ts';
import type { MountWish, Mounter } from '../volumes/mounter.ts';

/** Notes what is mounted where; mounts nothing. */
export class FakeMounter implements Mounter {
  readonly mounts: Map<string, MountWish> = new Map();
  /** While set, nothing can be mounted. */
  flaw: string | undefined;
  /** While set, nothing can be unmounted. */
  isBusy = false;

  mountsAt(directory: string): Promise<readonly string[]> {
    const paths = [...this.mounts.keys()];
    return Promise.resolve(
      paths.filter((path) => path === directory || path.startsWith(`${directory}/`)),
    );
  }

  mount(wish: MountWish): Promise<void> {
    if (this.flaw !== undefined) return Promise.reject(new PodUnfit(this.flaw));
    this.mounts.set(wish.target, wish);
    return Promise.resolve();
  }

  unmount(path: string): Promise<void> {
    if (this.isBusy) return Promise.reject(new Error(`${path}: target is busy`));
    this.mounts.delete(path);
    return Promise.resolve();
  }
}
