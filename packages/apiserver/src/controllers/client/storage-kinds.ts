import type { JsonObject, KubeObject } from '../../json.ts';
import type { KindOf } from './kinds.ts';
import type {
  Condition,
  LabelSelector,
  Meta,
  NodeSelectorTerm,
  ObjectReference,
} from './objects.ts';

/** Quantities by resource; of a volume only `storage` counts. */
export type Sizes = JsonObject & { storage?: string };

export interface Claim extends KubeObject {
  metadata: Meta;
  spec: JsonObject & {
    accessModes?: string[];
    selector?: LabelSelector;
    resources?: { requests?: Sizes };
    volumeName?: string;
    storageClassName?: string;
    volumeMode?: string;
    dataSource?: JsonObject;
    dataSourceRef?: JsonObject;
  };
  status?: ClaimStatus;
}

export type ClaimPhase = 'Pending' | 'Bound' | 'Lost';

export interface ClaimStatus extends JsonObject {
  phase?: ClaimPhase;
  accessModes?: string[];
  capacity?: Sizes;
  conditions?: Condition[];
}

export type VolumePhase = 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed';

export interface Volume extends KubeObject {
  metadata: Meta;
  spec: JsonObject & {
    accessModes?: string[];
    capacity?: Sizes;
    claimRef?: ObjectReference;
    persistentVolumeReclaimPolicy?: string;
    storageClassName?: string;
    volumeMode?: string;
    nodeAffinity?: { required?: { nodeSelectorTerms: NodeSelectorTerm[] } };
  };
  status?: JsonObject & {
    phase?: VolumePhase;
    message?: string;
    reason?: string;
    lastPhaseTransitionTime?: string;
  };
}

export interface StorageClass extends KubeObject {
  metadata: Meta;
  provisioner: string;
  reclaimPolicy?: string;
  volumeBindingMode?: string;
  allowedTopologies?: { matchLabelExpressions?: { key: string; values: string[] }[] }[];
}

export const claims: KindOf<Claim> = {
  storage: 'persistentvolumeclaims',
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
};
export const volumes: KindOf<Volume> = {
  storage: 'persistentvolumes',
  apiVersion: 'v1',
  kind: 'PersistentVolume',
};
export const storageClasses: KindOf<StorageClass> = {
  storage: 'storageclasses.storage.k8s.io',
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
};
