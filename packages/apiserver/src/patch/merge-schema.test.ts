import { describe, expect, it } from 'vitest';
import { builtins } from '../registry/builtins.ts';
import type { Schema } from '../schema/schema.ts';
import { mergeSchemaFor } from './merge-schema.ts';

/** Every field of every built-in kind by struct and name, as `DeploymentSpec.strategy`. */
function fields(): ReadonlyMap<string, Schema> {
  const found = new Map<string, Schema>();
  for (const { group, kind } of builtins) collect(mergeSchemaFor(group, kind), found);
  return found;
}

function collect(schema: Schema | undefined, found: Map<string, Schema>): void {
  const struct = schema?.definition?.split('.').at(-1) ?? '';
  for (const [name, field] of Object.entries(schema?.properties ?? {})) {
    const key = `${struct}.${name}`;
    if (found.has(key)) continue;
    found.set(key, field);
    collect(field, found);
  }
  if (schema?.items) collect(schema.items, found);
  if (typeof schema?.additionalProperties === 'object') collect(schema.additionalProperties, found);
}

function table(row: (field: Schema) => string | undefined): string[] {
  return [...fields()]
    .flatMap(([name, field]) => {
      const said = row(field);
      return said === undefined ? [] : [`${name} ${said}`];
    })
    .sort();
}

/** As the published OpenAPI has them (`x-kubernetes-patch-strategy`, `x-kubernetes-patch-merge-key`), v1.33. */
const strategies = `
Container.env merge name
Container.ports merge containerPort
Container.volumeDevices merge devicePath
Container.volumeMounts merge mountPath
ContainerStatus.allocatedResourcesStatus merge name
ContainerStatus.volumeMounts merge mountPath
DaemonSetStatus.conditions merge type
DeploymentSpec.strategy retainKeys
DeploymentStatus.conditions merge type
EphemeralContainer.env merge name
EphemeralContainer.ports merge containerPort
EphemeralContainer.volumeDevices merge devicePath
EphemeralContainer.volumeMounts merge mountPath
JSONSchemaProps.x-kubernetes-validations merge rule
JobStatus.conditions merge type
NamespaceStatus.conditions merge type
NodeSpec.podCIDRs merge
NodeStatus.addresses merge type
NodeStatus.conditions merge type
ObjectMeta.finalizers merge
ObjectMeta.ownerReferences merge uid
PersistentVolumeClaimStatus.conditions merge type
PodSpec.containers merge name
PodSpec.ephemeralContainers merge name
PodSpec.hostAliases merge ip
PodSpec.imagePullSecrets merge name
PodSpec.initContainers merge name
PodSpec.resourceClaims merge,retainKeys name
PodSpec.schedulingGates merge name
PodSpec.topologySpreadConstraints merge topologyKey
PodSpec.volumes merge,retainKeys name
PodStatus.conditions merge type
PodStatus.hostIPs merge ip
PodStatus.podIPs merge ip
PodStatus.resourceClaimStatuses merge,retainKeys name
ReplicaSetStatus.conditions merge type
ServiceAccount.secrets merge name
ServiceSpec.ports merge port
ServiceStatus.conditions merge type
StatefulSetStatus.conditions merge type`;

/** Lists whose elements have owners of their own; every other is owned as a whole. */
const lists = `
Container.env map name
Container.ports map containerPort,protocol
Container.volumeDevices map devicePath
Container.volumeMounts map mountPath
ContainerRestartRuleOnExitCodes.values set
ContainerStatus.allocatedResourcesStatus map name
ContainerStatus.volumeMounts map mountPath
CertificateSigningRequestStatus.conditions map type
CustomResourceDefinitionStatus.conditions map type
DaemonSetStatus.conditions map type
DeploymentStatus.conditions map type
Endpoint.addresses set
EphemeralContainer.env map name
EphemeralContainer.ports map containerPort,protocol
EphemeralContainer.volumeDevices map devicePath
EphemeralContainer.volumeMounts map mountPath
JSONSchemaProps.x-kubernetes-validations map rule
NamespaceStatus.conditions map type
NodeSpec.podCIDRs set
NodeStatus.addresses map type
NodeStatus.conditions map type
ObjectMeta.finalizers set
ObjectMeta.ownerReferences map uid
PersistentVolumeClaimStatus.conditions map type
PodFailurePolicyOnExitCodesRequirement.values set
PodSpec.containers map name
PodSpec.ephemeralContainers map name
PodSpec.hostAliases map ip
PodSpec.imagePullSecrets map name
PodSpec.initContainers map name
PodSpec.resourceClaims map name
PodSpec.schedulingGates map name
PodSpec.topologySpreadConstraints map topologyKey,whenUnsatisfiable
PodSpec.volumes map name
PodStatus.conditions map type
PodStatus.podIPs map ip
PodStatus.resourceClaimStatuses map name
ReplicaSetStatus.conditions map type
ResourceRequirements.claims map name
ResourceStatus.resources map resourceID
ServiceAccount.secrets map name
ServiceSpec.ports map port,protocol
ServiceStatus.conditions map type
StatefulSetStatus.conditions map type
UncountedTerminatedPods.failed set
UncountedTerminatedPods.succeeded set`;

describe('the built-in kinds', () => {
  it('merge their fields in a strategic merge patch as Kubernetes does, and no others', () => {
    const ours = table((field) => {
      const strategy = field['x-kubernetes-patch-strategy'];
      const key = field['x-kubernetes-patch-merge-key'];
      return strategy && [strategy, key].filter((word) => word !== undefined).join(' ');
    });
    expect(ours).toEqual(strategies.trim().split('\n').sort());
  });

  it('divide their lists among the owners of a server-side apply as Kubernetes does', () => {
    const ours = table((field) => {
      const type = field['x-kubernetes-list-type'];
      const keys = field['x-kubernetes-list-map-keys']?.join();
      return type && [type, keys].filter((word) => word !== undefined).join(' ');
    });
    expect(ours).toEqual(lists.trim().split('\n').sort());
  });

  it('let the two ends of a bound volume own their parts of it', () => {
    const of = (name: string): string | undefined => fields().get(name)?.['x-kubernetes-map-type'];
    expect(of('PersistentVolumeSpec.claimRef')).toBe('granular');
    expect(of('Event.involvedObject')).toBe('atomic');
    expect(of('PodSpec.nodeSelector')).toBe('atomic');
  });
});
