import { localProvisioner } from '@skerry/shared/kube/local-volumes';
import type { Pod } from '../client/objects.ts';
import type { Claim, StorageClass, Volume } from '../client/storage-kinds.ts';
import { waitsForConsumer } from '../volumes/classes.ts';
import { bindCompleted, markOf, selectedNode } from '../volumes/marks.ts';
import { classOf, isReachable, matchingVolume } from '../volumes/match.ts';
import { claimsOf, type NodeState } from './facts.ts';

/** Claims, volumes and classes as they stand. */
export interface Storage {
  readonly claim: (namespace: string, name: string) => Claim | undefined;
  readonly volumes: readonly Volume[];
  readonly kind: (name: string) => StorageClass | undefined;
}

/** What a pod's claims mean to its place. */
export type PodVolumes =
  /** It can be nowhere, whatever the node. */
  | { readonly do: 'wait'; readonly message: string; readonly everywhere?: true }
  | {
      readonly do: 'place';
      readonly bound: readonly Volume[];
      /** Claims that get their volume where the pod goes. */
      readonly open: readonly { readonly claim: Claim; readonly kind: StorageClass }[];
    };

/** Claims that are to have their volume on the node that was chosen. */
export interface ChosenVolume {
  readonly claim: Claim;
  /** The one that is there; undefined: one is to be made. */
  readonly volume: Volume | undefined;
}

/** Pure: how far the volumes of a pod are. */
export function podVolumes({ metadata, spec }: Pod, storage: Storage): PodVolumes {
  const bound: Volume[] = [];
  const open: { claim: Claim; kind: StorageClass }[] = [];
  for (const name of claimsOf(spec)) {
    const claim = storage.claim(metadata.namespace, name);
    const why = flaw(name, claim);
    if (!claim || why !== undefined) return { do: 'wait', message: why ?? '' };
    const kind = storage.kind(classOf(claim));
    const volume = volumeOf(claim, storage);
    if (volume) bound.push(volume);
    else if (kind && isOpen(claim, kind)) open.push({ claim, kind });
    else return unbound(claim);
  }
  return { do: 'place', bound, open };
}

function flaw(name: string, claim: Claim | undefined): string | undefined {
  if (!claim) return `persistentvolumeclaim "${name}" not found`;
  if (claim.metadata.deletionTimestamp !== undefined)
    return `persistentvolumeclaim "${name}" is being deleted`;
  return undefined;
}

function volumeOf(claim: Claim, { volumes }: Storage): Volume | undefined {
  if (markOf(claim, bindCompleted) === undefined) return undefined;
  return volumes.find(({ metadata }) => metadata.name === claim.spec.volumeName);
}

/** Whether the claim waits for the pod to be placed. */
function isOpen(claim: Claim, kind: StorageClass): boolean {
  return waitsForConsumer(kind) && (claim.spec.volumeName ?? '') === '';
}

function unbound(claim: Claim): PodVolumes {
  const { name } = claim.metadata;
  const volume = claim.spec.volumeName ?? '';
  if (claim.status?.phase === 'Lost' || markOf(claim, bindCompleted) !== undefined)
    return {
      do: 'wait',
      message: `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volume}"`,
    };
  return {
    do: 'wait',
    message: 'pod has unbound immediate PersistentVolumeClaims',
    everywhere: true,
  };
}

/** Pure: why the volumes of a pod keep it from a node; nothing when they do not. */
export function volumesAllow(
  { bound, open }: Extract<PodVolumes, { do: 'place' }>,
  storage: Storage,
  node: NodeState,
): readonly string[] {
  if (!bound.every((volume) => isReachable(volume, node)))
    return ['node(s) had volume node affinity conflict'];
  return chooseVolumes(open, storage, node)
    ? []
    : ["node(s) didn't find available persistent volumes to bind"];
}

/** Pure: what each open claim gets on a node; undefined when one gets nothing there. */
export function chooseVolumes(
  open: Extract<PodVolumes, { do: 'place' }>['open'],
  { volumes }: Storage,
  node: NodeState,
): readonly ChosenVolume[] | undefined {
  const taken = new Set<string>();
  const chosen: ChosenVolume[] = [];
  for (const { claim, kind } of open) {
    const volume = matchingVolume(claim, volumes, { node, taken });
    if (!volume && !canBeMade(claim, kind, node)) return undefined;
    if (volume) taken.add(volume.metadata.name);
    chosen.push({ claim, volume });
  }
  return chosen;
}

function canBeMade(claim: Claim, kind: StorageClass, node: NodeState): boolean {
  const selected = markOf(claim, selectedNode);
  if (selected !== undefined && selected !== node.name) return false;
  const { provisioner, allowedTopologies = [] } = kind;
  if (provisioner === 'kubernetes.io/no-provisioner') return false;
  if (provisioner === localProvisioner && node.keepsVolumes !== true) return false;
  return (
    allowedTopologies.length === 0 ||
    allowedTopologies.some(({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.every(({ key, values }) => values.includes(node.labels[key] ?? '\n')),
    )
  );
}
