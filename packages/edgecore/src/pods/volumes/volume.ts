import type { FieldReference, ResourceFieldReference } from '../pod.ts';

/**
 * A volume of a pod: one of the sources is set.
 *
 * @see https://kubernetes.io/docs/concepts/storage/volumes/
 */
export interface Volume {
  readonly name: string;
  readonly emptyDir?: EmptyDirSource;
  readonly hostPath?: HostPathSource;
  readonly nfs?: NfsSource;
  readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean };
  readonly configMap?: FileSource & { readonly name?: string; readonly defaultMode?: number };
  readonly secret?: FileSource & { readonly secretName?: string; readonly defaultMode?: number };
  readonly downwardAPI?: {
    readonly items?: readonly DownwardFile[];
    readonly defaultMode?: number;
  };
  readonly projected?: {
    readonly sources?: readonly ProjectedSource[];
    readonly defaultMode?: number;
  };
}

export interface EmptyDirSource {
  /** Empty: the disk. `Memory`: a tmpfs. */
  readonly medium?: string;
  readonly sizeLimit?: string | number;
}

export interface HostPathSource {
  readonly path: string;
  readonly type?: string;
}

export interface NfsSource {
  readonly server: string;
  readonly path: string;
  readonly readOnly?: boolean;
}

export interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number;
}

export interface FileSource {
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

export interface DownwardFile {
  readonly path: string;
  readonly mode?: number;
  readonly fieldRef?: FieldReference;
  readonly resourceFieldRef?: ResourceFieldReference;
}

export interface ProjectedSource {
  readonly configMap?: FileSource & { readonly name?: string };
  readonly secret?: FileSource & { readonly name?: string };
  readonly downwardAPI?: { readonly items?: readonly DownwardFile[] };
  readonly serviceAccountToken?: TokenSource;
}

export interface TokenSource {
  readonly path: string;
  /** Empty: the API server's own. */
  readonly audience?: string;
  readonly expirationSeconds?: number;
}

/** The fields of a PersistentVolumeClaim that are read. */
export interface ClaimObject {
  readonly metadata: { readonly uid: string };
  readonly spec?: { readonly volumeName?: string };
  readonly status?: { readonly phase?: string };
}

/** The fields of a PersistentVolume that are read. */
export interface VolumeObject {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly claimRef?: {
      readonly namespace?: string;
      readonly name?: string;
      readonly uid?: string;
    };
    readonly volumeMode?: string;
    readonly mountOptions?: readonly string[];
    readonly local?: { readonly path: string };
    readonly hostPath?: HostPathSource;
    readonly nfs?: NfsSource;
    readonly nodeAffinity?: {
      readonly required?: { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] };
    };
  };
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}
