import type { Clock, Random } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import type { DesireDesk } from '../devices/desire-desk.ts';
import type { CutOff } from '../link/contact.ts';
import type { HubQuestions } from '../link/hub-questions.ts';
import type { DiskHealth } from '../meta/disk-health.ts';
import type { ObjectReader } from '../meta/object-reader.ts';
import type { Runtimes } from '../runtime/runtimes.ts';
import type { LocalSilences } from './local-silences.ts';
import type { LocalWrites } from './local-writes.ts';
import type { ReportMemory } from './report-memory.ts';

/** What the local API is made of. */
export interface LocalParts {
  readonly node: NodeName;
  /** What the node holds, and pods that it has made for itself. */
  readonly objects: ObjectReader;
  /** What it has said of it. */
  readonly told: ReportMemory;
  /** What was written here; `objects` shows it. */
  readonly writes: LocalWrites;
  readonly silences: LocalSilences;
  readonly desires: DesireDesk;
  /** Calls `listener` with the key of whatever changes, until the answer is called. */
  readonly listen: (listener: (key: ObjectKey) => void) => () => void;
  readonly store: Store;
  /** Knows what the node does not hold. */
  readonly hub: Pick<HubQuestions, 'ask'>;
  /** Reports that the cluster has not accepted yet. */
  readonly reportsWaiting: () => number;
  readonly runtimes: Pick<Runtimes, 'ready'>;
  readonly cutOff: CutOff;
  /** Whether what is written here reaches the disk. */
  readonly disk: Pick<DiskHealth, 'refusal'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
