import type { ContainerUsage } from './cgroup.ts';
import type { ContainerSpec, SandboxSpec } from './container-spec.ts';
import type { DiskUsage } from './disk-usage.ts';
import type { ContainerId, ObservedPod, PodIdentity } from './observed.ts';

/** What a runtime says of itself. */
export interface RuntimeVersion {
  /** As in a Node's `containerRuntimeVersion` after the scheme, for example `20.10.24`. */
  readonly version: string;
}

/** `imagePullPolicy` of a container. */
export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** How to prove to a registry who pulls. */
export interface RegistryCredential {
  /** The registry's address, as in the name of an image. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
  /** In place of a password, where the registry has given one. */
  readonly identityToken?: string | undefined;
}

/** An image that is wanted. */
export interface ImageWish {
  /** As the pod names it. */
  readonly name: string;
  readonly policy: PullPolicy;
  /** Tried in turn; none: nobody in particular pulls. */
  readonly credentials?: readonly RegistryCredential[];
  /** Called when the image is not here, or not surely the newest, and a registry is asked. */
  readonly onPulling?: () => void;
}

/** An image the machine holds. */
export interface HeldImage {
  /** The runtime's own id of exactly this content. */
  readonly id: string;
  /** True when this call fetched it; false when it was there. */
  readonly pulled: boolean;
}

/** How a command in a container went. */
export type ExecOutcome =
  /** It ended: 128 + the signal when a signal ended it, 126 or 127 when it could not be started. */
  | { readonly do: 'ended'; readonly exitCode: number; readonly output: string }
  /** It was still running, and was killed where that was possible. */
  | { readonly do: 'timed-out'; readonly output: string };

/** What is kept of the output of one command, bytes; the rest is dropped. */
export const MAX_EXEC_OUTPUT_BYTES: number = 10 * 1024;
/** An image as the runtime lists it. */
export interface ListedImage {
  readonly id: string;
  /** Names with tag or digest by which it can be asked for. */
  readonly names: readonly string[];
  readonly bytes: number;
}

/** Narrows a list to one pod's name (every uid that ever bore it here). */
export interface PodSelector {
  readonly namespace: string;
  readonly name: string;
}

/**
 * News of a runtime. `attached` comes first: from then on no change goes unheard, so what changed
 * before is learnt by listing once after it.
 */
export type RuntimeEvent =
  | { readonly type: 'attached' }
  /** `health`: the runtime's own check of a container's health has turned. */
  | { readonly type: 'started' | 'exited' | 'removed' | 'health'; readonly pod: PodIdentity };

/** One line of a container's output. */
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds, UTC. */
  readonly time: string;
  /** Without its line end; bytes that are not UTF-8 are replaced. */
  readonly text: string;
  /** False when the line goes on in the next one of its stream. */
  readonly full: boolean;
}

export interface LogOptions {
  /** Only the newest so many lines. */
  readonly tailLines?: number | undefined;
  /** Go on with what is written from now on, until the container ends. */
  readonly follow?: boolean | undefined;
}

/**
 * Runs containers in pods. Every adapter passes `runtimeContract`.
 *
 * - **Nothing is assumed**: `list` reads the runtime, and what it finds another agent may have made;
 *   names and marks are the whole memory, so a restarted agent adopts what runs.
 * - **Ends are idempotent**: to stop what does not run or remove what is not there is done already.
 * - **Failures**: RuntimeUnavailable when the runtime cannot be asked (tried again when it can);
 *   ImageFailure, CreateFailed, StartFailed and ExecFailed are about the one thing asked for.
 * - Times are milliseconds since the epoch by the runtime's clock; calls end early, with the
 *   signal's reason, when `signal` aborts.
 *
 * Shaped after the Container Runtime Interface of Kubernetes (`k8s.io/cri-api`).
 */
export interface ContainerRuntime {
  /** Scheme of this runtime's ids in a pod's status, for example `docker` in `docker://4c01…`. */
  readonly name: string;

  version(signal: AbortSignal): Promise<RuntimeVersion>;

  /** Pods by uid, with every sandbox and container of ours, running or not. */
  list(selector: PodSelector | undefined, signal: AbortSignal): Promise<readonly ObservedPod[]>;

  /**
   * Makes sure the image is here, as its policy asks. With `Always` a registry that does not answer is
   * no reason to fail when the image is here: a node that is cut off runs what it has.
   */
  ensureImage(wish: ImageWish, signal: AbortSignal): Promise<HeldImage>;

  /**
   * As whom a process of this image runs unless a pod says so: `UID` or `NAME`, either with `:GROUP`;
   * empty: as root.
   */
  imageUser(imageId: string, signal: AbortSignal): Promise<string>;

  /** Creates and starts what the pod's containers share. Resolves when it runs. */
  runSandbox(spec: SandboxSpec, signal: AbortSignal): Promise<void>;

  /** Removes a sandbox, killing it first if need be. */
  removeSandbox(id: ContainerId, signal: AbortSignal): Promise<void>;

  /** Creates a container in a running sandbox; throws CreateFailed when it is refused. */
  createContainer(spec: ContainerSpec, signal: AbortSignal): Promise<ContainerId>;

  /**
   * Starts a created container; resolves when its process runs. When the process cannot be started
   * it throws StartFailed, and the container is seen as exited with reason `StartError`.
   */
  startContainer(id: ContainerId, signal: AbortSignal): Promise<void>;

  /** Asks the process to end (SIGTERM), kills it after `graceSeconds`; resolves when it has ended. */
  stopContainer(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void>;

  /** Removes a container with its logs, killing it first if need be. */
  removeContainer(id: ContainerId, signal: AbortSignal): Promise<void>;

  /**
   * Runs a command beside the process of a running container, as it runs: in its namespaces, with its
   * environment and user. Resolves when the command has ended or `timeoutMs` are over, with what it
   * wrote to stdout and stderr. Throws ExecFailed when the container does not run.
   */
  execSync(
    id: ContainerId,
    command: readonly string[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<ExecOutcome>;

  /** What the container wrote, oldest first, as far as the bounded log still holds it. */
  logs(id: ContainerId, options: LogOptions, signal: AbortSignal): AsyncIterable<LogLine>;

  /** What the container's processes use now; undefined when it does not run. */
  usage(id: ContainerId, signal: AbortSignal): Promise<ContainerUsage | undefined>;

  /**
   * What the container keeps on disk by itself, running or not: what it has written over its image, and its
   * log; nothing when it is not there. Its volumes are not among it.
   */
  diskUsage(id: ContainerId, signal: AbortSignal): Promise<DiskUsage>;

  /** Every image of the machine but the runtime's own. */
  images(signal: AbortSignal): Promise<readonly ListedImage[]>;

  /** Removes an image with all its names, unless there is a container of it: then it stays. */
  removeImage(image: ListedImage, signal: AbortSignal): Promise<void>;

  /** News until `signal` aborts (then it returns) or the runtime is lost (then it throws). */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>;
}
