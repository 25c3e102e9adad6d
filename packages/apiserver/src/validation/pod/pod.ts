import { listAt, objectAt, valueAt, type Json } from '../../json.ts';
import { required, type FieldError } from '../field-error.ts';
import { validateAnnotations, validateLabels } from '../metadata.ts';
import { dnsLabel, dnsSubdomain } from '../names.ts';
import { each, oneOf, optionalOneOf, optionalText, requiredText } from '../rules.ts';
import { validateContainers } from './containers.ts';
import { validatePlacement } from './placement.ts';
import { validatePodSecurity, validateSeconds } from './security.ts';
import { validateVolumes, volumeNames } from './volumes.ts';

/** Checks a pod, its metadata aside. */
export function validatePod(pod: Json): FieldError[] {
  return validatePodSpec(valueAt(pod, 'spec'), 'spec');
}

/** Checks what is wanted of a pod, in a pod or in a template. Defaults must have been filled in. */
function validatePodSpec(
  spec: Json | undefined,
  path: string,
  claimed: readonly string[] = [],
): FieldError[] {
  const context = { volumes: new Set([...volumeNames(spec), ...claimed]) };
  return [
    ...validateVolumes(spec, path),
    ...(listAt(spec, 'containers').length === 0 ? [required(`${path}.containers`)] : []),
    ...validateContainers(spec, path, 'containers', context),
    ...validateContainers(spec, path, 'initContainers', context),
    ...oneOf(spec, path, 'restartPolicy', ['Always', 'OnFailure', 'Never']),
    ...oneOf(spec, path, 'dnsPolicy', [
      'ClusterFirstWithHostNet',
      'ClusterFirst',
      'Default',
      'None',
    ]),
    ...validateSeconds(spec, path),
    ...validatePodSecurity(spec, path),
    ...each(spec, path, 'imagePullSecrets', (secret, at) => requiredText(secret, at, 'name')),
    ...validateReferences(spec, path),
    ...validatePlacement(spec, path),
    ...optionalOneOf(spec, path, 'preemptionPolicy', ['Never', 'PreemptLowerPriority']),
  ];
}

function validateReferences(spec: Json | undefined, path: string): FieldError[] {
  return [
    ...optionalText(spec, path, 'serviceAccountName', dnsSubdomain),
    ...optionalText(spec, path, 'nodeName', dnsSubdomain),
    ...optionalText(spec, path, 'hostname', dnsLabel),
    ...optionalText(spec, path, 'subdomain', dnsLabel),
    ...optionalText(spec, path, 'priorityClassName', dnsSubdomain),
    ...optionalText(spec, path, 'runtimeClassName', dnsSubdomain),
  ];
}

/** Checks the template that a workload makes its pods from; `claimed` are volumes that it adds to them. */
export function validatePodTemplate(
  template: Json | undefined,
  path: string,
  claimed: readonly string[] = [],
): FieldError[] {
  const metadata = objectAt(template, 'metadata');
  return [
    ...validateLabels(`${path}.metadata.labels`, valueAt(metadata, 'labels')),
    ...validateAnnotations(`${path}.metadata.annotations`, valueAt(metadata, 'annotations')),
    ...validatePodSpec(valueAt(template, 'spec'), `${path}.spec`, claimed),
  ];
}
