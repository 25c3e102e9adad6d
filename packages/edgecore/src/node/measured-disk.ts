import { statfs } from 'node:fs/promises';
import type { Metrics } from '@skerry/shared/metrics';

/** Shows how full the file system of `directory` is, as `df` has it: of what may be used, 0 to 1. */
export function measureDisk(metrics: Metrics, directory: string): void {
  metrics.gaugesOf<never>(
    'disk_used_ratio',
    'How full the file system of the agent is, from 0 to 1.',
    [],
    async () => {
      const { blocks, bfree, bavail } = await statfs(directory);
      const used = blocks - bfree;
      return used + bavail === 0 ? [] : [[{}, used / (used + bavail)]];
    },
  );
}
