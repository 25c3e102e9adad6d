import { textAt, type JsonObject, type KubeObject } from '../json.ts';
import { ensureObject, fill, objectsAt } from './fill.ts';

/**
 * Addresses are not allocated: no proxy would answer at them.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
 */
export function defaultService(service: KubeObject): void {
  const spec = ensureObject(service, 'spec');
  fill(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
  const external = spec['type'] === 'ExternalName';
  if (!external) fill(spec, { internalTrafficPolicy: 'Cluster' });
  const clusterIp = textAt(spec, 'clusterIP');
  if (!external && clusterIp !== undefined)
    fill(spec, { clusterIPs: [clusterIp], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
  objectsAt(spec, 'ports').forEach(defaultPort);
}

/** No number and no name of the pods' port say that it is the same. */
function defaultPort(port: JsonObject): void {
  fill(port, { protocol: 'TCP' });
  const { targetPort = 0, port: own = 0 } = port;
  port['targetPort'] = targetPort === 0 || targetPort === '' ? own : targetPort;
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/ */
export function defaultEndpoints(endpoints: KubeObject): void {
  for (const subset of objectsAt(endpoints, 'subsets'))
    for (const port of objectsAt(subset, 'ports')) fill(port, { protocol: 'TCP' });
}
