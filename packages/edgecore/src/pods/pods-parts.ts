import type { Clock, Random } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import type { WorkQueue } from '@skerry/shared/workqueue';
import type { CutOff } from '../link/contact.ts';
import type { Reporter } from '../link/reporter.ts';
import type { TokenSource } from '../link/token-requests.ts';
import type { ObjectReader } from '../meta/object-reader.ts';
import type { Machine } from '../node/machine.ts';
import type { NodeResources } from '../node/node-resources.ts';
import type { Runtimes } from '../runtime/runtimes.ts';
import type { LocalApiAccess } from './local-api.ts';
import type { ClusterDns } from './pod-dns.ts';
import type { VerifyByName } from './verified-pod.ts';
import type { Mounter } from './volumes/mounter.ts';

/** What the pods room is made of. */
export interface PodsParts {
  readonly node: NodeName;
  readonly objects: ObjectReader;
  /** Keys of pods and of what they refer to that changed; on start, every held one. */
  readonly dirty: WorkQueue<ObjectKey>;
  readonly reporter: Reporter;
  /** Where tokens of service accounts come from, and where they are kept. */
  readonly tokenSource: TokenSource;
  readonly store: Store;
  readonly mounter: Mounter;
  readonly runtimes: Runtimes;
  /** Manifests of pods that run here whatever the cluster says; absent: none. */
  readonly staticDir?: string | undefined;
  /** Absent: nobody resolves the cluster's names here. */
  readonly clusterDns?: ClusterDns | undefined;
  /** Where each pod has a directory: `<podsDir>/<uid>`. */
  readonly podsDir: string;
  readonly machine: Machine;
  readonly clock: Clock;
  /** Spreads probes over their periods. */
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /**
   * Resolves when what is held is all there is: at once where the store survived, after the first
   * resync where it began anew. Until then nothing is taken for an orphan.
   */
  readonly complete?: Promise<void> | undefined;
  /** Since when the node has been cut off; absent: it never is. */
  readonly cutOff?: CutOff | undefined;
  /** What the node has for pods; absent: everything they ask for. */
  readonly resources?: NodeResources | undefined;
  /** The API of this node, for pods that ask for it; absent: none can. */
  readonly localApi?: LocalApiAccess | undefined;
  /** Resolves when pods may be run; absent: at once. The runtimes are watched before. */
  readonly started?: Promise<void> | undefined;
  /** Verifies by a judgement of this node; absent: no pod is held back. */
  readonly verify?: VerifyByName | undefined;
}
