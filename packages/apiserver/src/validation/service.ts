import { isObject, listAt, objectAt, textAt, valueAt, type Json } from '../json.ts';
import { invalid, required, type FieldError } from './field-error.ts';
import { validateLabels } from './metadata.ts';
import { each, isPort, oneOf, portRange, requiredText } from './rules.ts';

const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

export function validateService(object: Json): FieldError[] {
  const spec = objectAt(object, 'spec');
  const isPortless =
    textAt(spec, 'clusterIP') === 'None' || textAt(spec, 'type') === 'ExternalName';
  return [
    ...(listAt(spec, 'ports').length === 0 && !isPortless ? [required('spec.ports')] : []),
    ...each(spec, 'spec', 'ports', (port, path) =>
      validateServicePort(port, path, listAt(spec, 'ports').length > 1),
    ),
    ...validateLabels('spec.selector', valueAt(spec, 'selector')),
    ...oneOf({ type: 'ClusterIP', ...spec }, 'spec', 'type', serviceTypes),
    ...oneOf({ sessionAffinity: 'None', ...spec }, 'spec', 'sessionAffinity', ['ClientIP', 'None']),
  ];
}

/** Its address is chosen once, as long as it is of a kind that has one. */
export function validateServiceUpdate(object: Json, held: Json): FieldError[] {
  const [spec, heldSpec] = [objectAt(object, 'spec'), objectAt(held, 'spec')];
  const hasAddress =
    textAt(spec, 'type') !== 'ExternalName' && textAt(heldSpec, 'type') !== 'ExternalName';
  const before = textAt(heldSpec, 'clusterIP') ?? '';
  if (!hasAddress || before === '' || before === textAt(spec, 'clusterIP')) return [];
  return [invalid('spec.clusterIPs[0]', listAt(spec, 'clusterIPs'), 'may not change once set')];
}

function validateServicePort(port: Json, path: string, needsName: boolean): FieldError[] {
  const number = valueAt(port, 'port') ?? 0;
  return [
    ...(needsName ? requiredText(port, path, 'name') : []),
    ...(isPort(number) ? [] : [invalid(`${path}.port`, number, portRange)]),
    ...oneOf({ protocol: 'TCP', ...(isObject(port) ? port : {}) }, path, 'protocol', [
      'SCTP',
      'TCP',
      'UDP',
    ]),
  ];
}
