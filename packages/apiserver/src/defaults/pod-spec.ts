import { objectAt, textAt, type JsonObject } from '../json.ts';
import { defaultContainer } from './container.ts';
import { fill, objectsAt } from './fill.ts';
import { defaultVolume } from './volume.ts';

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/**
 * What a pod's spec says where its author said nothing; of pods and of pod templates.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec
 */
export function defaultPodSpec(spec: JsonObject | undefined): void {
  if (!spec) return;
  fill(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  const account = textAt(spec, 'serviceAccountName') ?? textAt(spec, 'serviceAccount');
  if (account !== undefined) fill(spec, { serviceAccountName: account, serviceAccount: account });
  for (const field of containerLists) objectsAt(spec, field).forEach(defaultContainer);
  objectsAt(spec, 'volumes').forEach(defaultVolume);
  if (spec['hostNetwork'] === true) defaultHostPorts(spec);
}

/** On the node's own network a container's port is the node's. */
function defaultHostPorts(spec: JsonObject): void {
  for (const container of containerLists.flatMap((field) => objectsAt(spec, field)))
    for (const port of objectsAt(container, 'ports'))
      if (port['containerPort'] !== undefined) fill(port, { hostPort: port['containerPort'] });
}

/** The pod template of a workload. */
export function defaultPodTemplate(spec: JsonObject | undefined): void {
  defaultPodSpec(objectAt(spec, 'template', 'spec'));
}
