import type { Clock } from '@skerry/shared/clock';
import type { Screen } from '../up/progress.ts';
import type { Fleet } from './fleet.ts';
import { nowLine, type Counts, type Milestones } from './summary.ts';

const everyMs = 1_000;
const looksPerLine = 10;

export interface FleetWatch {
  readonly reached: Milestones;
  /** Until the signal aborts; on a terminal with a line that is written anew every second. */
  readonly run: (screen: Screen, signal: AbortSignal) => Promise<void>;
}

/** Notes when all nodes are connected and in sync, from now on. */
export function watchFleet(fleet: Fleet, clock: Clock): FleetWatch {
  const start = clock.monotonic();
  const seconds = (): number => (clock.monotonic() - start) / 1_000;
  let connected: number | undefined;
  let inSync: number | undefined;
  const look = (): void => {
    if (fleet.tally.connected === fleet.size) connected ??= seconds();
    if (fleet.tally.level === fleet.size) inSync ??= seconds();
  };
  return {
    get reached() {
      return { seconds: seconds(), connected, inSync };
    },
    run: async (screen, signal) => {
      let since: Counts = { changes: 0, reports: 0 };
      try {
        for (let looks = 1; ; looks++) {
          await clock.sleep(everyMs / looksPerLine, signal);
          look();
          if (looks % looksPerLine > 0) continue;
          if (screen.isTTY === true)
            screen.write(`\r\u001b[K  ${nowLine(fleet, since, everyMs / 1_000)}`);
          since = { changes: fleet.tally.changes, reports: fleet.tally.reportsAccepted };
        }
      } finally {
        if (screen.isTTY === true) screen.write('\n');
      }
    },
  };
}
