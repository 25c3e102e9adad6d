import { kubeTime } from '@skerry/shared/clock';
import {
  isObject,
  listAt,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../json.ts';
import { storedVersion } from '../registry/definition.ts';
import type { KindRules, RuleContext } from './kind-rules.ts';

/** Holds a deleted definition until its objects are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ */
export const definitionRules: KindRules = {
  defaults: (object) => {
    const spec = objectAt(object, 'spec') ?? {};
    const names = objectAt(spec, 'names') ?? {};
    const kind = textAt(names, 'kind') ?? '';
    names['singular'] ??= kind.toLowerCase();
    names['listKind'] ??= `${kind}List`;
    spec['names'] = names;
    spec['conversion'] ??= { strategy: 'None' };
  },
  create: (object, { clock }) => {
    establish(object, kubeTime(clock.now()));
  },
  deleting: (object, context) => {
    const { finalizers = [] } = object.metadata;
    object.metadata.finalizers = [...new Set([...finalizers, cleanupFinalizer])];
    setCondition(object, terminating(context));
  },
};

function establish(object: KubeObject, now: string): void {
  const accepted = objectAt(object, 'spec', 'names') ?? {};
  object['status'] = {
    conditions: [
      {
        type: 'NamesAccepted',
        status: 'True',
        lastTransitionTime: now,
        reason: 'NoConflicts',
        message: 'no conflicts found',
      },
      {
        type: 'Established',
        status: 'True',
        lastTransitionTime: now,
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      },
    ],
    acceptedNames: accepted,
    storedVersions: [storedVersion(object)],
  };
}

function terminating({ clock }: RuleContext): JsonObject {
  return {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: kubeTime(clock.now()),
    reason: 'InstanceDeletionPending',
    message:
      'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
}

function setCondition(object: KubeObject, condition: JsonObject): void {
  const others = listAt(object, 'status', 'conditions').filter(
    (known: Json) => textAt(known, 'type') !== condition['type'],
  );
  const status = isObject(object['status']) ? object['status'] : {};
  object['status'] = { ...status, conditions: [...others, condition] };
}
