import type { Clock } from '@skerry/shared/clock';
import type { ObjectKey } from '@skerry/shared/names';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { PodIdentity } from '../runtime/observed.ts';
import type { Background } from './background.ts';
import type { FittedContainer } from './container-fit.ts';
import type { ImageAccess } from './image-access.ts';
import type { Step } from './plan.ts';
import type { Container, PodObject } from './pod.ts';
import type { ClusterDns } from './pod-dns.ts';
import type { PodEvent } from './pod-events.ts';
import type { PodShape } from './pod-shape.ts';
import type { PodProgress } from './progress.ts';
import type { Mounter } from './volumes/mounter.ts';
import type { VolumeContent } from './volumes/volume-content.ts';
import type { VolumePlace } from './volumes/volume-dirs.ts';

/** What steps that only end things need. */
export interface EndContext {
  readonly key: ObjectKey;
  readonly pod: PodIdentity;
  readonly runtime: ContainerRuntime;
  readonly progress: PodProgress;
  readonly background: Background;
  readonly clock: Clock;
  readonly tell: (event: PodEvent) => Promise<void>;
  /** By container name; none of a pod that is not held, whose hooks are not known. */
  readonly containers: ReadonlyMap<string, Container>;
  /** Empty where there is none. */
  readonly podIp: string;
  /** Whether a container of that name is run again when it has failed. */
  readonly restartsOnFailure: (container: string) => boolean;
}

/** What steps that make things need besides. */
export interface RunContext extends EndContext {
  readonly object: PodObject;
  readonly shape: PodShape;
  readonly directory: string;
  readonly contents: readonly VolumeContent[];
  readonly places: ReadonlyMap<string, VolumePlace>;
  /** By container name. */
  readonly fitted: ReadonlyMap<string, FittedContainer>;
  readonly mounter: Mounter;
  readonly clusterDns: ClusterDns;
  readonly imageAccess: () => Promise<ImageAccess>;
  /** Device files of a container. */
  readonly devicesOf: (container: string) => Promise<readonly string[]>;
  /** Takes note of an image that a container needs, and whether this agent has fetched it. */
  readonly noteImage: (id: string, pulled: boolean) => void;
}

export type StepOf<D extends Step['do']> = Extract<Step, { readonly do: D }>;
