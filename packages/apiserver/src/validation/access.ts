import { listAt, objectAt, sameJson, valueAt, type Json } from '../json.ts';
import { invalid, required, type FieldError } from './field-error.ts';
import { dnsSubdomain } from './names.ts';
import { each, oneOf, optionalText, requiredText } from './rules.ts';

/** A role's rules say what may be done, and to what. */
export function validateRole(isNamespaced: boolean) {
  return (object: Json): FieldError[] =>
    each(object, '', 'rules', (rule, at) => {
      const path = at.slice(1);
      const isPath = listAt(rule, 'nonResourceURLs').length > 0;
      if (listAt(rule, 'verbs').length === 0)
        return [required(`${path}.verbs`, 'verbs must contain at least one value')];
      if (isPath && isNamespaced)
        return [
          invalid(
            `${path}.nonResourceURLs`,
            listAt(rule, 'nonResourceURLs'),
            'namespaced rules cannot apply to non-resource URLs',
          ),
        ];
      if (isPath) return [];
      return [
        ...(listAt(rule, 'apiGroups').length === 0
          ? [required(`${path}.apiGroups`, 'resource rules must supply at least one api group')]
          : []),
        ...(listAt(rule, 'resources').length === 0
          ? [required(`${path}.resources`, 'resource rules must supply at least one resource')]
          : []),
      ];
    });
}

export function validateRoleBinding(object: Json): FieldError[] {
  return [
    ...oneOf(objectAt(object, 'roleRef'), 'roleRef', 'kind', ['Role', 'ClusterRole']),
    ...requiredText(objectAt(object, 'roleRef'), 'roleRef', 'name'),
    ...each(object, '', 'subjects', (subject, at) => [
      ...oneOf(subject, at.slice(1), 'kind', ['ServiceAccount', 'User', 'Group']),
      ...requiredText(subject, at.slice(1), 'name'),
      ...optionalText(subject, at.slice(1), 'namespace', dnsSubdomain),
    ]),
  ];
}

export function validateRoleBindingUpdate(object: Json, held: Json): FieldError[] {
  return sameJson(valueAt(object, 'roleRef'), valueAt(held, 'roleRef'))
    ? []
    : [invalid('roleRef', valueAt(object, 'roleRef'), 'cannot change roleRef')];
}
