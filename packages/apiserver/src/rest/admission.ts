import { roleStorage } from '../auth/rbac.ts';
import type { KubeObject } from '../json.ts';
import { signingRequestStorage } from '../kinds/signing-request.ts';
import type { Call, RestParts } from './call.ts';
import { checkResize } from './claim-resize.ts';
import { checkBinding, checkRole } from './grants.ts';
import { admitSigningRequest, checkRequest } from './signing-requests.ts';
import { awaitAccount, furnishPod } from './pod-account.ts';
import { givePriority } from './pod-priority.ts';

/**
 * What a write of one kind must pass beyond the rules of its object: who asks, and what else there is.
 * May complete the object, and throws a StatusError to refuse it. `held` is absent for a new object.
 */
type Admission = (parts: RestParts, call: Call, object: KubeObject, held?: KubeObject) => void;

const admissions: Readonly<Record<string, Admission>> = {
  [roleStorage.Role]: checkRole,
  [roleStorage.ClusterRole]: checkRole,
  [roleStorage.RoleBinding]: checkBinding,
  [roleStorage.ClusterRoleBinding]: checkBinding,
  [signingRequestStorage]: admitSigningRequest,
  persistentvolumeclaims: checkResize,
  pods: (parts, call, pod, held) => {
    if (held) return;
    givePriority(parts, call, pod);
    if (parts.mountsTokens) furnishPod(parts, call, pod);
  },
};

/** Resolves when what a new object counts on, and the server is about to make, is there. */
export async function readied(parts: RestParts, call: Call, object: KubeObject): Promise<void> {
  if (call.subresource) return;
  const { storage } = call.resource;
  if (storage === 'pods' && parts.mountsTokens) await awaitAccount(parts, call, object);
  if (storage === signingRequestStorage) await checkRequest(object);
}

export const admit: Admission = (parts, call, object, held) => {
  admissions[call.resource.storage]?.(parts, call, object, held);
};
