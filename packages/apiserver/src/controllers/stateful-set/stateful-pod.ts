import type { JsonObject } from '../../json.ts';
import { controllerReference, statefulSets, type StatefulSet } from '../client/kinds.ts';
import type { Meta, Pod, PodTemplate } from '../client/objects.ts';
import { revisionHashLabel } from '../workload/history.ts';
import { podOf } from '../workload/pod-of.ts';

const nameLabel = 'statefulset.kubernetes.io/pod-name';
const indexLabel = 'apps.kubernetes.io/pod-index';

/** The number of a set's pod, by its name; undefined for a pod that has another name. */
export function ordinalOf(
  { metadata }: StatefulSet,
  pod: { readonly metadata: Meta },
): number | undefined {
  const match = /^(.+)-(\d+)$/.exec(pod.metadata.name);
  return match?.[1] === metadata.name ? Number(match[2]) : undefined;
}

export function podName({ metadata }: StatefulSet, ordinal: number): string {
  return `${metadata.name}-${ordinal}`;
}

/** The name of the revision that a pod was made from. */
export function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[revisionHashLabel] ?? '';
}

/**
 * The pod with this number, of the template of a revision.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-identity
 */
export function statefulPod(
  set: StatefulSet,
  ordinal: number,
  revision: { readonly name: string; readonly template: PodTemplate },
): JsonObject {
  const name = podName(set, ordinal);
  const { name: revisionName, template } = revision;
  const labels = {
    ...template.metadata?.labels,
    [nameLabel]: name,
    [indexLabel]: String(ordinal),
    [revisionHashLabel]: revisionName,
  };
  const labelled = { ...template, metadata: { ...template.metadata, labels } };
  const pod = podOf(statefulSets, set, labelled, { name });
  const { serviceName = '' } = set.spec;
  const spec = {
    ...template.spec,
    hostname: name,
    ...(serviceName === '' ? {} : { subdomain: serviceName }),
    volumes: volumesOf(set, template, name),
  };
  return { ...pod, spec };
}

function volumesOf({ spec }: StatefulSet, template: PodTemplate, pod: string): JsonObject[] {
  const claimed = (spec.volumeClaimTemplates ?? []).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: `${metadata.name}-${pod}` },
  }));
  const names = claimed.map(({ name }) => name);
  const others = (template.spec.volumes ?? []).filter(
    ({ name }) => typeof name !== 'string' || !names.includes(name),
  );
  return [...claimed, ...others];
}

/** The claims that a pod mounts. They stay when it goes, unless the set says otherwise. */
export function claimsOfPod(
  set: StatefulSet,
  ordinal: number,
): { readonly name: string; readonly claim: JsonObject }[] {
  const { volumeClaimTemplates = [], selector, persistentVolumeClaimRetentionPolicy } = set.spec;
  const isOwned = persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
  return volumeClaimTemplates.map(({ metadata, ...rest }) => {
    const name = `${metadata.name}-${podName(set, ordinal)}`;
    const { status: _status, ...claim } = rest as JsonObject;
    return {
      name,
      claim: {
        ...claim,
        metadata: {
          name,
          labels: { ...metadata.labels, ...selector.matchLabels },
          ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
          ...(isOwned ? { ownerReferences: [controllerReference(statefulSets, set)] } : {}),
        },
      },
    };
  });
}
