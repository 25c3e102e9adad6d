import { isObject, listAt, type KubeObject } from '../json.ts';
import type { KindRules } from './kind-rules.ts';

/**
 * A namespace is held by `spec.finalizers` until everything in it is gone.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/
 */
export const namespaceRules: KindRules = {
  defaults: (object) => {
    const { labels = {} } = object.metadata;
    const name = object.metadata.name ?? '';
    object.metadata.labels = { ...labels, 'kubernetes.io/metadata.name': name };
  },
  create: (object) => {
    object['spec'] = { finalizers: ['kubernetes'] };
    object['status'] = { phase: 'Active' };
  },
  update: (next, held) => {
    next['spec'] = held['spec'] ?? {};
  },
  deleting: (object) => {
    object['status'] = { ...statusOf(object), phase: 'Terminating' };
  },
  isHeldBack: (object) => listAt(object, 'spec', 'finalizers').length > 0,
};

function statusOf({ status }: KubeObject): KubeObject['metadata'] {
  return isObject(status) ? status : {};
}
