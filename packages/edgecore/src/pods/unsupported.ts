import { PROCESS_RUNTIME_CLASS } from '../runtime/runtimes.ts';
import * as known from './known-fields.ts';
import { offlinePolicyAnnotation, offlinePolicyOf } from './offline-policy.ts';
import type { Container, PodObject } from './pod.ts';
import { unsupportedOfVolumes } from './volumes/unsupported-volumes.ts';

type Raw = Readonly<Record<string, unknown>>;

/**
 * Paths of what a pod asks for and this node does not do. Nothing is passed over in silence: it is told
 * once, as an Event, and stays as a condition of the pod. A field that this version has never heard of
 * is one of them.
 */
export function unsupportedFields(pod: PodObject): string[] {
  const { spec } = pod;
  const { initContainers = [], containers } = spec;
  return [
    ...(offlinePolicyOf(pod) ? [] : [`metadata.annotations{${offlinePolicyAnnotation}}`]),
    ...unknownIn(spec, known.pod, 'spec'),
    ...unknownIn(spec.securityContext, known.podSecurity, 'spec.securityContext'),
    ...initContainers.flatMap((one) => inContainer(one, known.initContainer)),
    ...containers.flatMap((one) => inContainer(one, known.container)),
    ...unsupportedOfVolumes(spec),
    ...(spec.runtimeClassName === PROCESS_RUNTIME_CLASS ? beyondProcesses(spec) : []),
  ];
}

function inContainer(container: Container, fields: known.Fields): string[] {
  const path = `spec.containers{${container.name}}`;
  return [
    ...unknownIn(container, fields, path),
    ...unknownIn(container.securityContext, known.security, `${path}.securityContext`),
    ...unknownIn(container.lifecycle, known.lifecycle, `${path}.lifecycle`),
    ...inProbes(container, path),
    ...unknownIn(container.resources, known.resources, `${path}.resources`),
    ...askedIn(container.resources?.limits, known.unboundedLimits, `${path}.resources.limits`),
    ...(container.volumeMounts ?? []).flatMap((mount) =>
      unknownIn(mount, known.volumeMount, `${path}.volumeMounts{${mount.name}}`),
    ),
  ];
}

function inProbes(container: Container, path: string): string[] {
  return (['startupProbe', 'livenessProbe', 'readinessProbe'] as const).flatMap((kind) =>
    unknownIn(container[kind], known.probe, `${path}.${kind}`),
  );
}

/** What takes an engine, asked of a pod whose containers are processes of the machine. */
function beyondProcesses(spec: PodObject['spec']): string[] {
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  return [
    ...askedIn(spec, known.podBeyondProcesses, 'spec'),
    ...askedIn(spec.securityContext, known.securityBeyondProcesses, 'spec.securityContext'),
    ...all.flatMap((container) => {
      const path = `spec.containers{${container.name}}`;
      return [
        ...askedIn(container, known.containerBeyondProcesses, path),
        ...askedIn(container.resources, ['limits'], `${path}.resources`),
        ...askedIn(
          container.securityContext,
          known.securityBeyondProcesses,
          `${path}.securityContext`,
        ),
        ...askedIn(container.lifecycle, ['stopSignal'], `${path}.lifecycle`),
      ];
    }),
  ];
}

function unknownIn(object: object | undefined, fields: known.Fields, path: string): string[] {
  const raw = (object ?? {}) as Raw;
  return Object.keys(raw)
    .filter((field) => !fields.has(field) && asks(field, raw[field]))
    .map((field) => `${path}.${field}`);
}

function askedIn(object: object | undefined, fields: readonly string[], path: string): string[] {
  const raw = (object ?? {}) as Raw;
  return fields.filter((field) => asks(field, raw[field])).map((field) => `${path}.${field}`);
}

/** Whether a value is more than what holds when nothing is said. */
function asks(field: string, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  const usual = known.defaults[field];
  if (usual !== undefined) return value !== usual;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return value !== false;
}
