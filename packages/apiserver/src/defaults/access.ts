import { objectAt, type KubeObject } from '../json.ts';
import { fill, objectsAt } from './fill.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/role-binding-v1/ */
export function defaultRoleBinding(binding: KubeObject): void {
  const role = objectAt(binding, 'roleRef');
  if (role) fill(role, { apiGroup: rbacGroup });
  for (const subject of objectsAt(binding, 'subjects'))
    if (subject['kind'] !== 'ServiceAccount') fill(subject, { apiGroup: rbacGroup });
}
