import type { TokenGrant, TokenRefusal, TokenRequest } from '@skerry/proto/frames';
import { codeOf, messageOf } from '@skerry/shared/errors';
import { objectKey, type NodeName, type ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { at, count, field, list, text } from '../kube/json-read.ts';
import type { KubeWriter } from '../kube/kube-api.ts';
import { pods, serviceAccounts } from '../kube/resource.ts';
import type { Observed } from '../route/observed.ts';
import type { TokenIssuer } from '../session/session-parts.ts';

/** What the issuer asks about placement. */
export interface PlacedPods {
  find(key: ObjectKey): Observed | undefined;
  isPlaced(node: NodeName, key: ObjectKey): boolean;
}

/**
 * Gets tokens of service accounts from the API server, each bound to a pod. A node is given one only for
 * a pod that is placed on it, of that pod's service account, and for an audience that the pod's own
 * volumes name (G8).
 *
 * Source: kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1, and the
 * admission plugin NodeRestriction.
 */
export function tokenIssuer(
  api: Pick<KubeWriter, 'createFor'>,
  placement: PlacedPods,
): TokenIssuer {
  return {
    issue: async (node, request, signal) => {
      const flaw = flawOf(placement, node, request);
      if (flaw !== undefined) return refusal(request, 'upstream.forbidden', flaw);
      const { id, namespace, serviceAccount } = request;
      const key = objectKey(serviceAccounts.name, namespace, serviceAccount);
      try {
        const answer = await api.createFor(
          serviceAccounts,
          key,
          'token',
          tokenRequest(request),
          signal,
        );
        return grant(id, request, parseJson(answer));
      } catch (error) {
        signal.throwIfAborted();
        return refusal(request, codeOf(error), messageOf(error));
      }
    },
  };
}

/** Why the node may not have that token; undefined when it may. */
function flawOf(
  placement: PlacedPods,
  node: NodeName,
  { namespace, pod, podUid, serviceAccount, audience }: TokenRequest,
): string | undefined {
  if ([namespace, pod, serviceAccount].some((name) => name === '' || name.includes('/')))
    return 'the request names no pod and service account';
  const key = objectKey(pods.name, namespace, pod);
  const held = placement.find(key);
  if (!held?.object || !placement.isPlaced(node, key)) return `${key} is not placed on ${node}`;
  if (held.uid !== podUid) return `${key} has another uid`;
  const object = parseJson(held.object);
  if ((text(at(object, 'spec', 'serviceAccountName')) ?? 'default') !== serviceAccount)
    return `${key} runs as another service account`;
  return audiencesOf(object).includes(audience)
    ? undefined
    : `${key} wants no token for ${JSON.stringify(audience)}`;
}

function audiencesOf(pod: unknown): string[] {
  return list(at(pod, 'spec', 'volumes'))
    .flatMap((volume) => list(at(volume, 'projected', 'sources')))
    .map((source) => field(source, 'serviceAccountToken'))
    .filter((source) => source !== undefined)
    .map((source) => text(field(source, 'audience')) ?? '');
}

function tokenRequest({ audience, expirationSeconds, pod, podUid }: TokenRequest): object {
  return {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: audience === '' ? [] : [audience],
      ...(expirationSeconds > 0 && { expirationSeconds }),
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod, uid: podUid },
    },
  };
}

function grant(id: number, request: TokenRequest, answer: unknown): TokenGrant | TokenRefusal {
  const token = text(at(answer, 'status', 'token'));
  const lifeSeconds = count(at(answer, 'spec', 'expirationSeconds')) ?? request.expirationSeconds;
  if (token === undefined)
    return refusal(request, 'kube.malformed-response', 'the API server answered without a token');
  return { type: 'tokenGrant', id, token, lifeSeconds };
}

function refusal({ id }: TokenRequest, code: string, reason: string): TokenRefusal {
  return { type: 'tokenRefusal', id, code, reason };
}
