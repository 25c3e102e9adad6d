/**
 * Who makes volumes of directories that edge nodes have: the name that a StorageClass gives as its
 * provisioner, and that its volumes are annotated with.
 */
export const localProvisioner = 'edge.skerry.io/local';
export const provisionedBy = 'pv.kubernetes.io/provisioned-by';
/** Holds a deleted volume of ours until its node has removed what is in it. */
export const localDataFinalizer = 'edge.skerry.io/local-data';
/** On a Node: where on that machine the directories of such volumes are. */
export const volumesDirectoryAnnotation = 'edge.skerry.io/volumes-directory';

const hostname = 'kubernetes.io/hostname';
/** As long as Linux lets the name of a file be, bytes. */
const longestName = 255;

/** What of a PersistentVolume is read. */
export interface LocalVolume {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly nodeAffinity?: object };
}

/**
 * The name of a volume's directory: `VOLUME_NAMESPACE_CLAIM`. No name in Kubernetes has an underscore, so
 * that no two volumes share one, and none has a slash. Of what is too long, the beginning is kept: it
 * holds the volume's name, of which there is one.
 */
export function localDirectoryName(volume: string, namespace: string, claim: string): string {
  return `${volume}_${namespace}_${claim}`.slice(0, longestName);
}

interface NodeAffinity {
  required?: { nodeSelectorTerms?: NodeTerm[] };
}

interface NodeTerm {
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

/** The requirement that keeps a volume on one node. */
export function onlyOn(node: string): {
  required: {
    nodeSelectorTerms: {
      matchExpressions: { key: string; operator: string; values: string[] }[];
    }[];
  };
} {
  const expression = { key: hostname, operator: 'In', values: [node] };
  return { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } };
}

/** The node of a volume that {@link localProvisioner} has made; undefined for any other. */
export function nodeOfLocalVolume({ metadata, spec }: LocalVolume): string | undefined {
  if (metadata.annotations?.[provisionedBy] !== localProvisioner) return undefined;
  return hostIn(spec?.nodeAffinity ?? {});
}

function hostIn({ required }: NodeAffinity): string | undefined {
  const [expression] = required?.nodeSelectorTerms?.[0]?.matchExpressions ?? [];
  return expression?.key === hostname ? expression.values?.[0] : undefined;
}
