import { objectAt, textAt, type JsonObject } from '../json.ts';
import { ensureObject, fill, objectsAt } from './fill.ts';

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const hooks = ['postStart', 'preStop'] as const;

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container */
export function defaultContainer(container: JsonObject): void {
  const image = textAt(container, 'image') ?? '';
  fill(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: isMovingTag(image) ? 'Always' : 'IfNotPresent',
  });
  for (const port of objectsAt(container, 'ports')) fill(port, { protocol: 'TCP' });
  for (const variable of objectsAt(container, 'env')) {
    const field = objectAt(variable, 'valueFrom', 'fieldRef');
    if (field) fill(field, { apiVersion: 'v1' });
  }
  defaultRequests(container);
  for (const name of probes) defaultProbe(objectAt(container, name));
  for (const name of hooks) defaultHandler(objectAt(container, 'lifecycle', name));
}

/**
 * Only an image without a tag, or with `latest`, may change under its name.
 *
 * @see https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
 */
function isMovingTag(image: string): boolean {
  if (image.includes('@')) return false;
  const name = image.slice(image.lastIndexOf('/') + 1);
  return !name.includes(':') || name.endsWith(':latest');
}

/** A limit without a request asks for as much. */
function defaultRequests(container: JsonObject): void {
  const limits = objectAt(container, 'resources', 'limits');
  const resources = objectAt(container, 'resources');
  if (limits && resources) fill(ensureObject(resources, 'requests'), limits);
}

function defaultProbe(probe: JsonObject | undefined): void {
  if (!probe) return;
  fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  const grpc = objectAt(probe, 'grpc');
  if (grpc) fill(grpc, { service: '' });
  defaultHandler(probe);
}

function defaultHandler(handler: JsonObject | undefined): void {
  const http = objectAt(handler, 'httpGet');
  if (http) fill(http, { path: '/', scheme: 'HTTP' });
}
