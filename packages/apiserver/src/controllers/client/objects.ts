import type { JsonObject, KubeObject, ObjectMeta } from '../../json.ts';

/** Who an object belongs to. */
export interface OwnerReference extends JsonObject {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Metadata as controllers read it, of an object that the server has stored. */
export interface Meta extends ObjectMeta {
  name: string;
  namespace: string;
  uid: string;
  creationTimestamp: string;
  ownerReferences?: OwnerReference[];
}

export interface LabelSelectorRequirement extends JsonObject {
  key: string;
  operator: string;
  values?: string[];
}

export interface LabelSelector extends JsonObject {
  matchLabels?: { [key: string]: string };
  matchExpressions?: LabelSelectorRequirement[];
}

export interface Condition extends JsonObject {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface ObjectReference extends JsonObject {
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  apiVersion?: string;
  resourceVersion?: string;
  fieldPath?: string;
}

export interface ContainerPort extends JsonObject {
  name?: string;
  containerPort: number;
  hostPort?: number;
  hostIP?: string;
  protocol?: string;
}

export interface Container extends JsonObject {
  name: string;
  ports?: ContainerPort[];
  resources?: { requests?: { [name: string]: string }; limits?: { [name: string]: string } };
  restartPolicy?: string;
  env?: JsonObject[];
}

export interface Toleration extends JsonObject {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}

export interface Taint extends JsonObject {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

export interface NodeSelectorTerm extends JsonObject {
  matchExpressions?: LabelSelectorRequirement[];
  matchFields?: LabelSelectorRequirement[];
}

export interface PodAffinityTerm extends JsonObject {
  labelSelector?: LabelSelector;
  namespaces?: string[];
  namespaceSelector?: LabelSelector;
  topologyKey: string;
}

export interface Affinity extends JsonObject {
  nodeAffinity?: {
    requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: NodeSelectorTerm[] };
    preferredDuringSchedulingIgnoredDuringExecution?: {
      weight: number;
      preference: NodeSelectorTerm;
    }[];
  };
  podAffinity?: PodAffinity;
  podAntiAffinity?: PodAffinity;
}

export interface PodAffinity extends JsonObject {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
  preferredDuringSchedulingIgnoredDuringExecution?: {
    weight: number;
    podAffinityTerm: PodAffinityTerm;
  }[];
}

export interface TopologySpreadConstraint extends JsonObject {
  maxSkew: number;
  topologyKey: string;
  whenUnsatisfiable: string;
  labelSelector?: LabelSelector;
}

export interface PodSpec extends JsonObject {
  containers: Container[];
  initContainers?: Container[];
  nodeName?: string;
  nodeSelector?: { [key: string]: string };
  schedulerName?: string;
  affinity?: Affinity;
  tolerations?: Toleration[];
  topologySpreadConstraints?: TopologySpreadConstraint[];
  hostNetwork?: boolean;
  hostname?: string;
  subdomain?: string;
  restartPolicy?: string;
  priority?: number;
  preemptionPolicy?: string;
  overhead?: { [name: string]: string };
  schedulingGates?: JsonObject[];
  volumes?: JsonObject[];
}

export interface ContainerStatus extends JsonObject {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: { terminated?: { exitCode?: number; finishedAt?: string } };
}

export interface PodStatus extends JsonObject {
  phase?: string;
  conditions?: Condition[];
  podIP?: string;
  podIPs?: { ip: string }[];
  startTime?: string;
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
  nominatedNodeName?: string;
}

export interface Pod extends KubeObject {
  metadata: Meta;
  spec: PodSpec;
  status?: PodStatus;
}

export interface PodTemplate extends JsonObject {
  metadata?: { labels?: { [key: string]: string }; annotations?: { [key: string]: string } };
  spec: PodSpec;
}

export interface Node extends KubeObject {
  metadata: Meta;
  spec?: { unschedulable?: boolean; taints?: Taint[] };
  status?: {
    allocatable?: { [name: string]: string };
    capacity?: { [name: string]: string };
    conditions?: Condition[];
  };
}
