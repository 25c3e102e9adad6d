import { offlinePolicyAnnotation, offlinePolicyOf } from './offline-policy.ts';
import type { PodObject } from './pod.ts';
import { unsupportedOfVolumes } from './volumes/unsupported-volumes.ts';

/** Fields of a container that are taken from no object yet. */
const containerFields = [
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'volumeDevices',
  'resizePolicy',
  'terminationMessagePolicy',
] as const;

const podFields = [
  'dnsConfig',
  'hostAliases',
  'readinessGates',
  'setHostnameAsFQDN',
  'resourceClaims',
  'ephemeralContainers',
] as const;

/** Values that the API server fills in where nothing was said: they ask for nothing. */
const defaults: Readonly<Record<string, unknown>> = { terminationMessagePolicy: 'File' };

type Raw = Readonly<Record<string, unknown>>;

/**
 * Paths of what a pod asks for and this node does not do. Nothing is passed over in silence: it is
 * told once, as an Event.
 */
export function unsupportedFields(pod: PodObject): string[] {
  const { spec } = pod;
  const raw = spec as unknown as Raw;
  return [
    ...(offlinePolicyOf(pod) ? [] : [`metadata.annotations{${offlinePolicyAnnotation}}`]),
    ...podFields.filter((field) => isAsked(raw, field)).map((field) => `spec.${field}`),
    ...[...(spec.initContainers ?? []), ...spec.containers].flatMap((container) =>
      containerFields
        .filter((field) => isAsked(container as unknown as Raw, field))
        .map((field) => `spec.containers{${container.name}}.${field}`),
    ),
    ...unsupportedOfVolumes(spec),
  ];
}

function isAsked(object: Raw, field: string): boolean {
  const value = object[field];
  if (value === undefined || value === null || value === defaults[field]) return false;
  return !Array.isArray(value) || value.length > 0;
}
