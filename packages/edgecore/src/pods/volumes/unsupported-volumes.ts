import type { Container, PodSpec } from '../pod.ts';

/**
 * Paths of what is asked for of volumes and their mounts and not done here. A kind of volume that is
 * unknown is not among them: a pod with one waits, and says so.
 */
export function unsupportedOfVolumes({
  volumes = [],
  initContainers = [],
  containers,
}: PodSpec): string[] {
  return [
    ...[...initContainers, ...containers].flatMap(unsupportedOfMounts),
    ...volumes
      .filter(({ emptyDir }) => emptyDir?.sizeLimit !== undefined && !emptyDir.medium)
      .map(({ name }) => `spec.volumes{${name}}.emptyDir.sizeLimit`),
  ];
}

function unsupportedOfMounts({ name, env = [], volumeMounts = [] }: Container): string[] {
  return [
    ...volumeMounts
      .filter(({ recursiveReadOnly }) => recursiveReadOnly === 'Enabled')
      .map((mount) => `spec.containers{${name}}.volumeMounts{${mount.name}}.recursiveReadOnly`),
    ...env
      .filter(({ valueFrom }) => valueFrom?.fileKeyRef !== undefined)
      .map((entry) => `spec.containers{${name}}.env{${entry.name}}.valueFrom.fileKeyRef`),
  ];
}
