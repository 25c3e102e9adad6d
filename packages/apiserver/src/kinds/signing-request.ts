import { kubeTime } from '@skerry/shared/clock';
import { isObject, listAt, objectAt, type KubeObject } from '../json.ts';
import type { KindRules } from './kind-rules.ts';

/** Where requests are kept. */
export const signingRequestStorage = 'certificatesigningrequests.certificates.k8s.io';

/**
 * What a request asks for stays as it was: others have judged it.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
 */
export const signingRequestRules: KindRules = {
  update: (next, held) => {
    next['spec'] = held['spec'] ?? {};
  },
};

/** Gives each condition the times that it lacks. */
export function timeConditions(request: KubeObject, held: KubeObject, now: number): void {
  const time = kubeTime(now);
  const before = listAt(held, 'status', 'conditions').filter(isObject);
  for (const condition of listAt(objectAt(request, 'status'), 'conditions').filter(isObject)) {
    const same = before.find((other) => other['type'] === condition['type']);
    condition['lastUpdateTime'] ??= time;
    const since =
      same?.['status'] === condition['status'] ? same?.['lastTransitionTime'] : undefined;
    condition['lastTransitionTime'] ??= since ?? time;
  }
}
