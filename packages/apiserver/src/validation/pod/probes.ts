import { isObject, listAt, objectAt, valueAt, type Json } from '../../json.ts';
import { complaints, forbidden, invalid, required, type FieldError } from '../field-error.ts';
import { portName } from '../names.ts';
import { isPort, nonNegative, optional, optionalOneOf, portRange, requiredText } from '../rules.ts';

const probeCounts = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
];

/** Checks the liveness, readiness and startup probes of a container. */
export function validateProbes(container: Json, path: string): FieldError[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((field) =>
    optional(container, path, field, (probe, at) => [
      ...validateHandler(probe, at, ['exec', 'httpGet', 'tcpSocket', 'grpc']),
      ...probeCounts.flatMap((count) => nonNegative(probe, at, count)),
      ...(field === 'readinessProbe' ? [] : validateThreshold(probe, at)),
    ]),
  );
}

function validateThreshold(probe: Json, path: string): FieldError[] {
  const threshold = valueAt(probe, 'successThreshold') ?? 1;
  return threshold === 1 ? [] : [invalid(`${path}.successThreshold`, threshold, 'must be 1')];
}

/** Checks what a container runs when it starts and stops. */
export function validateLifecycle(container: Json, path: string): FieldError[] {
  const lifecycle = objectAt(container, 'lifecycle');
  return ['postStart', 'preStop'].flatMap((field) =>
    optional(lifecycle, `${path}.lifecycle`, field, (handler, at) =>
      validateHandler(handler, at, ['exec', 'httpGet', 'tcpSocket', 'sleep']),
    ),
  );
}

function validateHandler(parent: Json, path: string, types: readonly string[]): FieldError[] {
  const [first, ...others] = types.filter((type) => isObject(valueAt(parent, type)));
  if (first === undefined) return [required(path, 'must specify a handler type')];
  return [
    ...validateAction(first, valueAt(parent, first) ?? {}, `${path}.${first}`),
    ...others.map((type) =>
      forbidden(`${path}.${type}`, 'may not specify more than 1 handler type'),
    ),
  ];
}

function validateAction(type: string, action: Json, path: string): FieldError[] {
  switch (type) {
    case 'exec':
      return listAt(action, 'command').length === 0 ? [required(`${path}.command`)] : [];
    case 'httpGet':
      return [
        ...requiredText(action, path, 'path'),
        ...validatePort(action, path),
        ...optionalOneOf(action, path, 'scheme', ['HTTP', 'HTTPS']),
      ];
    case 'tcpSocket':
    case 'grpc':
      return validatePort(action, path);
    default:
      return nonNegative(action, path, 'seconds');
  }
}

function validatePort(action: Json, path: string): FieldError[] {
  const port = valueAt(action, 'port') ?? 0;
  if (typeof port === 'string') return complaints(`${path}.port`, port, portName);
  return isPort(port) ? [] : [invalid(`${path}.port`, port, portRange)];
}
