import type { JsonObject, KubeObject } from '../../json.ts';
import type {
  Condition,
  LabelSelector,
  Meta,
  Node,
  ObjectReference,
  OwnerReference,
  Pod,
  PodTemplate,
  Service,
} from './objects.ts';
import type { Claim } from './storage-kinds.ts';

/** A kind that controllers know, and the type its stored objects have: they have been validated. */
export interface KindOf<T extends KubeObject> {
  /** Where its objects are kept. */
  readonly storage: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** Never there; carries the type. */
  readonly holds?: T;
}

export interface ReplicaSet extends KubeObject {
  metadata: Meta;
  spec: {
    replicas: number;
    selector: LabelSelector;
    template: PodTemplate;
    minReadySeconds?: number;
  };
  status?: ReplicaSetStatus;
}

export interface ReplicaSetStatus extends JsonObject {
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  observedGeneration?: number;
  conditions?: Condition[];
}

/** A count, or a share of another count such as `25%`. */
export type CountOrShare = number | string;

export interface Deployment extends KubeObject {
  metadata: Meta;
  spec: {
    replicas: number;
    selector: LabelSelector;
    template: PodTemplate;
    strategy: {
      type: string;
      rollingUpdate?: { maxSurge?: CountOrShare; maxUnavailable?: CountOrShare };
    };
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    progressDeadlineSeconds?: number;
    paused?: boolean;
  };
  status?: DeploymentStatus;
}

export interface DeploymentCondition extends Condition {
  lastUpdateTime?: string;
}

export interface DeploymentStatus extends JsonObject {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  collisionCount?: number;
  conditions?: DeploymentCondition[];
}

export interface DaemonSet extends KubeObject {
  metadata: Meta;
  spec: {
    selector: LabelSelector;
    template: PodTemplate;
    updateStrategy: {
      type: string;
      rollingUpdate?: { maxSurge?: CountOrShare; maxUnavailable?: CountOrShare };
    };
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
  };
  status?: JsonObject & { collisionCount?: number };
}

export interface StatefulSet extends KubeObject {
  metadata: Meta;
  spec: {
    replicas: number;
    selector: LabelSelector;
    template: PodTemplate;
    serviceName?: string;
    podManagementPolicy: string;
    updateStrategy: {
      type: string;
      rollingUpdate?: { partition?: number; maxUnavailable?: CountOrShare };
    };
    volumeClaimTemplates?: Claim[];
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string; whenScaled?: string };
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    ordinals?: { start?: number };
  };
  status?: JsonObject & {
    currentRevision?: string;
    updateRevision?: string;
    collisionCount?: number;
  };
}

export interface EndpointSlice extends KubeObject {
  metadata: Meta;
}

export interface ControllerRevision extends KubeObject {
  metadata: Meta;
  data: JsonObject;
  revision: number;
}

export interface JobSpec extends JsonObject {
  parallelism: number;
  completions?: number;
  activeDeadlineSeconds?: number;
  backoffLimit: number;
  backoffLimitPerIndex?: number;
  maxFailedIndexes?: number;
  selector: LabelSelector;
  template: PodTemplate;
  ttlSecondsAfterFinished?: number;
  completionMode: string;
  suspend?: boolean;
  podReplacementPolicy?: string;
  podFailurePolicy?: { rules: PodFailurePolicyRule[] };
  successPolicy?: { rules: { succeededIndexes?: string; succeededCount?: number }[] };
  managedBy?: string;
}

export interface PodFailurePolicyRule extends JsonObject {
  action: 'Count' | 'FailIndex' | 'FailJob' | 'Ignore';
  onExitCodes?: { containerName?: string; operator: 'In' | 'NotIn'; values: number[] };
  onPodConditions?: { type: string; status?: string }[];
}

export interface Job extends KubeObject {
  metadata: Meta;
  spec: JobSpec;
  status?: JobStatus;
}

export interface JobStatus extends JsonObject {
  conditions?: (Condition & { lastProbeTime?: string })[];
  startTime?: string;
  completionTime?: string;
  active?: number;
  ready?: number;
  terminating?: number;
  succeeded?: number;
  failed?: number;
  completedIndexes?: string;
  failedIndexes?: string;
  uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] };
}

export interface CronJob extends KubeObject {
  metadata: Meta;
  spec: {
    schedule: string;
    timeZone?: string;
    startingDeadlineSeconds?: number;
    concurrencyPolicy: string;
    suspend?: boolean;
    successfulJobsHistoryLimit?: number;
    failedJobsHistoryLimit?: number;
    jobTemplate: JsonObject & {
      metadata?: { labels?: { [key: string]: string }; annotations?: { [key: string]: string } };
      spec: JsonObject;
    };
  };
  status?: JsonObject & {
    active?: ObjectReference[];
    lastScheduleTime?: string;
    lastSuccessfulTime?: string;
  };
}

export const pods: KindOf<Pod> = { storage: 'pods', apiVersion: 'v1', kind: 'Pod' };
export const nodes: KindOf<Node> = { storage: 'nodes', apiVersion: 'v1', kind: 'Node' };
export const events: KindOf<KubeObject> = { storage: 'events', apiVersion: 'v1', kind: 'Event' };
export const replicaSets: KindOf<ReplicaSet> = {
  storage: 'replicasets.apps',
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
};
export const deployments: KindOf<Deployment> = {
  storage: 'deployments.apps',
  apiVersion: 'apps/v1',
  kind: 'Deployment',
};
export const daemonSets: KindOf<DaemonSet> = {
  storage: 'daemonsets.apps',
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
};
export const statefulSets: KindOf<StatefulSet> = {
  storage: 'statefulsets.apps',
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
};
export const controllerRevisions: KindOf<ControllerRevision> = {
  storage: 'controllerrevisions.apps',
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
};
export const jobs: KindOf<Job> = { storage: 'jobs.batch', apiVersion: 'batch/v1', kind: 'Job' };
export const cronJobs: KindOf<CronJob> = {
  storage: 'cronjobs.batch',
  apiVersion: 'batch/v1',
  kind: 'CronJob',
};

export const services: KindOf<Service> = {
  storage: 'services',
  apiVersion: 'v1',
  kind: 'Service',
};
export const endpoints: KindOf<KubeObject> = {
  storage: 'endpoints',
  apiVersion: 'v1',
  kind: 'Endpoints',
};
export const endpointSlices: KindOf<EndpointSlice> = {
  storage: 'endpointslices.discovery.k8s.io',
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
};

/** How one object says that it belongs to another, which manages it. */
export function controllerReference(
  { apiVersion, kind }: KindOf<KubeObject>,
  owner: { readonly metadata: Meta },
): OwnerReference {
  const { name, uid } = owner.metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** The owner that manages an object; at most one does. */
export function controllerOf({
  metadata,
}: {
  readonly metadata: Meta;
}): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}
