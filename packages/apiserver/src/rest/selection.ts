import { selectFields } from '../registry/resource.ts';
import type { Held } from '../storage/held.ts';
import type { Call } from './call.ts';
import { matchesFields, parseFieldSelector } from './field-selector.ts';
import { matchesLabels, parseLabelSelector } from './label-selector.ts';

/** Which objects of a resource a call is about. */
export type Selection = (held: Held) => boolean;

/** Namespace, name, `labelSelector` and `fieldSelector` of a call, as one question. */
export function selectionOf({ resource, namespace, name, query }: Call): Selection {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const known = ['metadata.name', 'metadata.namespace', ...Object.keys(resource.selectable)];
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', known);
  const select = selectFields(resource);
  return (held) =>
    (namespace === '' || held.namespace === namespace) &&
    (name === '' || held.name === name) &&
    (labels.length === 0 || matchesLabels(labels, held.labels)) &&
    (fields.length === 0 || matchesFields(fields, held.fields(select)));
}
