import { parseQuantity } from '@skerry/shared/kube/quantity';
import { objectAt, textAt, valueAt, type Json } from '../../json.ts';
import {
  complaints,
  duplicate,
  invalid,
  notFound,
  required,
  type FieldError,
} from '../field-error.ts';
import { dnsLabel, portName, qualifiedName } from '../names.ts';
import {
  duplicates,
  each,
  isPort,
  oneOf,
  optional,
  optionalOneOf,
  portRange,
  requiredText,
} from '../rules.ts';
import { validateEnvironment } from './environment.ts';
import { validateLifecycle, validateProbes } from './probes.ts';
import { validateContainerSecurity } from './security.ts';

/** Names that containers may refer to. */
export interface ContainerContext {
  /** Volumes of the pod. */
  readonly volumes: ReadonlySet<string>;
}

/** Checks a list of containers of a pod's spec, each by itself and among its like. */
export function validateContainers(
  spec: Json | undefined,
  path: string,
  field: 'containers' | 'initContainers',
  context: ContainerContext,
): FieldError[] {
  return [
    ...each(spec, path, field, (container, at) => validateContainer(container, at, context)),
    ...(field === 'containers' ? duplicateNames(spec, path) : []),
    ...validateHostPorts(spec, path, field),
  ];
}

function validateContainer(container: Json, path: string, context: ContainerContext): FieldError[] {
  return [
    ...requiredText(container, path, 'name', dnsLabel),
    ...validateImage(container, path),
    ...validateLifecycle(container, path),
    ...validateProbes(container, path),
    ...validatePorts(container, path),
    ...validateEnvironment(container, path),
    ...validateMounts(container, path, context),
    ...optionalOneOf(container, path, 'imagePullPolicy', ['Always', 'IfNotPresent', 'Never']),
    ...optionalOneOf(container, path, 'terminationMessagePolicy', [
      'FallbackToLogsOnError',
      'File',
    ]),
    ...validateResources(container, path),
    ...validateContainerSecurity(container, path),
  ];
}

function validateImage(container: Json, path: string): FieldError[] {
  const image = textAt(container, 'image') ?? '';
  if (image === '') return [required(`${path}.image`)];
  return image === image.trim()
    ? []
    : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')];
}

/** No two containers of a pod share a name, whatever they are for. */
function duplicateNames(spec: Json | undefined, path: string): FieldError[] {
  const seen = new Set<Json | undefined>();
  return ['containers', 'initContainers'].flatMap((field) =>
    each(spec, path, field, (container, at) => {
      const name = textAt(container, 'name') ?? '';
      if (name === '') return [];
      if (seen.has(name)) return [duplicate(`${at}.name`, name)];
      seen.add(name);
      return [];
    }),
  );
}

const protocols = ['SCTP', 'TCP', 'UDP'];

function validatePorts(container: Json, path: string): FieldError[] {
  return [
    ...each(container, path, 'ports', (port, at) => [
      ...optional(port, at, 'name', (name, field) =>
        typeof name === 'string' && name !== '' ? complaints(field, name, portName) : [],
      ),
      ...validatePortNumber(port, at, 'containerPort'),
      ...validateHostPort(port, at),
      ...oneOf({ protocol: 'TCP', ...objectAt(port) }, at, 'protocol', protocols),
    ]),
    ...duplicates(container, path, 'ports', 'name'),
  ];
}

function validatePortNumber(port: Json, path: string, field: string): FieldError[] {
  const value = valueAt(port, field) ?? 0;
  if (value === 0) return [required(`${path}.${field}`)];
  return isPort(value) ? [] : [invalid(`${path}.${field}`, value, portRange)];
}

function validateHostPort(port: Json, path: string): FieldError[] {
  const value = valueAt(port, 'hostPort') ?? 0;
  return value === 0 || isPort(value) ? [] : [invalid(`${path}.hostPort`, value, portRange)];
}

function validateHostPorts(spec: Json | undefined, path: string, field: string): FieldError[] {
  const seen = new Set<string>();
  return each(spec, path, field, (container, at) =>
    each(container, at, 'ports', (port, where) => {
      const hostPort = valueAt(port, 'hostPort') ?? 0;
      if (hostPort === 0) return [];
      const taken = `${textAt(port, 'protocol') ?? 'TCP'}/${textAt(port, 'hostIP') ?? ''}/${JSON.stringify(hostPort)}`;
      if (seen.has(taken)) return [duplicate(`${where}.hostPort`, taken)];
      seen.add(taken);
      return [];
    }),
  );
}

function validateMounts(
  container: Json,
  path: string,
  { volumes }: ContainerContext,
): FieldError[] {
  const paths = new Set<string>();
  return each(container, path, 'volumeMounts', (mount, at) => {
    const [name, mountPath] = [textAt(mount, 'name') ?? '', textAt(mount, 'mountPath') ?? ''];
    const isTaken = paths.has(mountPath);
    paths.add(mountPath);
    return [
      ...requiredText(mount, at, 'name'),
      ...(name === '' || volumes.has(name) ? [] : [notFound(`${at}.name`, name)]),
      ...requiredText(mount, at, 'mountPath'),
      ...(isTaken ? [invalid(`${at}.mountPath`, mountPath, 'must be unique')] : []),
      ...validateSubPath(mount, at),
    ];
  });
}

function validateSubPath(mount: Json, path: string): FieldError[] {
  const subPath = textAt(mount, 'subPath') ?? '';
  return validateRelativePath(`${path}.subPath`, subPath);
}

/** A path that stays inside the volume it is in. */
export function validateRelativePath(field: string, path: string): FieldError[] {
  if (path.startsWith('/')) return [invalid(field, path, 'must be a relative path')];
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : [];
}

/** Checks limits and requests: their names, their signs, and that no request exceeds its limit. */
function validateResources(parent: Json | undefined, path: string): FieldError[] {
  const resources = objectAt(parent, 'resources');
  const at = `${path}.resources`;
  return [
    ...['limits', 'requests'].flatMap((field) =>
      Object.entries(objectAt(resources, field) ?? {}).flatMap(([name, amount]) => [
        ...complaints(`${at}.${field}[${name}]`, name, qualifiedName),
        ...validateAmount(amount, `${at}.${field}[${name}]`),
      ]),
    ),
    ...validateRequests(resources, at),
  ];
}

function validateAmount(amount: Json, path: string): FieldError[] {
  return nanosOf(amount) < 0n ? [invalid(path, amount, 'must be greater than or equal to 0')] : [];
}

function validateRequests(resources: Json | undefined, path: string): FieldError[] {
  const limits = objectAt(resources, 'limits') ?? {};
  return Object.entries(objectAt(resources, 'requests') ?? {}).flatMap(([name, amount]) => {
    const limit = Object.hasOwn(limits, name) ? limits[name] : undefined;
    if (limit === undefined || nanosOf(amount) <= nanosOf(limit)) return [];
    const detail = `must be less than or equal to ${name} limit of ${textOf(limit)}`;
    return [invalid(`${path}.requests`, textOf(amount), detail)];
  });
}

function nanosOf(amount: Json | undefined): bigint {
  return parseQuantity(textOf(amount))?.nanos ?? 0n;
}

function textOf(amount: Json | undefined): string {
  return typeof amount === 'string' ? amount : JSON.stringify(amount ?? null);
}
