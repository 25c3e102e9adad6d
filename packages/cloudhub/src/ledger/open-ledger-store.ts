import { join } from 'node:path';
import type { DaemonParts } from '@skerry/shared/daemon';
import { measuredStore } from '@skerry/shared/measured-store';
import { openStore, type Store } from '@skerry/shared/store';
import type { CloudHubConfig } from '../config.ts';

/** What the hub keeps for itself; one that cannot be read costs a comparison with every node. */
export function openLedgerStore(parts: DaemonParts<CloudHubConfig>): Promise<Store> {
  const { config, clock, log } = parts;
  const directory = join(config.dataDir, 'ledger');
  return openStore(directory, {
    ...measuredStore(parts, { store: 'ledger', directory }),
    whenCorrupt: 'set-aside',
    now: () => clock.now(),
    onSetAside: (path) => log.error({ path }, 'the ledger was unreadable and has been set aside'),
    onDamaged: (count, example) =>
      log.error({ count, example }, 'damaged entries of the ledger were deleted'),
  });
}
