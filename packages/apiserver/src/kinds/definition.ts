import { kubeTime } from '@skerry/shared/clock';
import { ensureObject, fill } from '../defaults/fill.ts';
import { textAt, type JsonObject, type KubeObject } from '../json.ts';
import { validateDefinition } from './definition-checks.ts';
import { acceptNames, setCondition } from './definition-status.ts';
import type { KindRules, RuleContext } from './kind-rules.ts';

/** Holds a deleted definition until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';
/** Where definitions are kept. */
export const definitionsStorage = 'customresourcedefinitions.apiextensions.k8s.io';

/**
 * A definition is established with the write that makes it: who sees it can use it.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
export const definitionRules: KindRules = {
  defaults: (object) => {
    const spec = ensureObject(object, 'spec');
    const names = ensureObject(spec, 'names');
    const kind = textAt(names, 'kind') ?? '';
    fill(names, { singular: kind.toLowerCase(), listKind: `${kind}List` });
    fill(spec, { conversion: { strategy: 'None' } });
  },
  create: (object, context) => {
    object['status'] = {};
    accept(object, context);
  },
  update: (next, _held, context) => {
    accept(next, context);
  },
  validate: validateDefinition,
  deleting: (object, { clock }) => {
    const { finalizers = [] } = object.metadata;
    object.metadata.finalizers = [...new Set([...finalizers, cleanupFinalizer])];
    setCondition(object, terminating, kubeTime(clock.now()));
  },
};

function accept(object: KubeObject, { clock, list }: RuleContext): void {
  const others = list(definitionsStorage)
    .filter(({ name }) => name !== object.metadata.name)
    .map((held) => held.parse());
  acceptNames(object, others, kubeTime(clock.now()));
}

const terminating: JsonObject = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionPending',
  message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
};
