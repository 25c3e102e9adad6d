import { kubeTime } from '@skerry/shared/clock';
import { apiAudiences } from '../auth/account-tokens.ts';
import type { BindingKind, Named, TokenContent } from '../auth/token-signer.ts';
import { listAt, objectAt, textAt, valueAt, type JsonObject, type KubeObject } from '../json.ts';
import { badRequest, conflict, invalid, notFound } from '../refusals.ts';
import { invalid as fieldInvalid } from '../validation/field-error.ts';
import type { Answer } from './answer.ts';
import { keyOf, subjectOf, type Call, type RestParts } from './call.ts';
import { decodeObject } from './decode.ts';
import { newUid } from './identity.ts';

/** How long a token lasts when nobody says, and the shortest that may be asked for, seconds. */
const usualSeconds = 3_600;
const shortestSeconds = 600;
const longestSeconds = 2 ** 32;
/**
 * What pods ask for when their volume says nothing: such a token outlives those who never read it
 * again by a year, as in Kubernetes.
 */
const mountedSeconds = 3_607;
const extendedSeconds = 365 * 86_400;

/**
 * Signs a token for a ServiceAccount: for some audiences, for a while, and bound to an object if asked.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
 */
export async function requestToken(parts: RestParts, call: Call): Promise<Answer> {
  const asked = decodeObject(call);
  const account = parts.store.get(keyOf(call))?.parse();
  if (!account) throw notFound(subjectOf(call), call.name);
  const spec = objectAt(asked, 'spec') ?? {};
  const seconds = secondsOf(call, spec);
  const given = listAt(spec, 'audiences').filter((audience) => typeof audience === 'string');
  const audiences = given.length === 0 ? apiAudiences : given;
  const bound = boundTo(parts, call, objectAt(spec, 'boundObjectRef'));
  const token = await parts.signer.sign({
    namespace: call.namespace,
    account: named(account),
    audiences,
    bound,
    id: newUid(parts.random),
    ...lifeOf(seconds, audiences, bound),
  });
  return {
    type: 'plain',
    status: 201,
    body: answered(parts, call, { spec, seconds, audiences, token }),
  };
}

interface Signed {
  readonly spec: JsonObject;
  readonly seconds: number;
  readonly audiences: readonly string[];
  readonly token: string;
}

function answered({ clock }: RestParts, call: Call, signed: Signed): JsonObject {
  const { spec, seconds, audiences, token } = signed;
  const now = clock.now();
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: call.name, namespace: call.namespace, creationTimestamp: kubeTime(now) },
    spec: {
      audiences: [...audiences],
      expirationSeconds: seconds,
      boundObjectRef: objectAt(spec, 'boundObjectRef') ?? null,
    },
    status: { token, expirationTimestamp: kubeTime(now + seconds * 1_000) },
  };
}

function lifeOf(
  seconds: number,
  audiences: readonly string[],
  { pod }: TokenContent['bound'],
): Pick<TokenContent, 'lifeSeconds' | 'warnAfterSeconds'> {
  const isMounted =
    pod !== undefined &&
    seconds === mountedSeconds &&
    audiences.every((audience) => apiAudiences.includes(audience));
  if (!isMounted) return { lifeSeconds: seconds };
  return { lifeSeconds: extendedSeconds, warnAfterSeconds: seconds };
}

function secondsOf(call: Call, spec: JsonObject): number {
  const seconds = valueAt(spec, 'expirationSeconds') ?? usualSeconds;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds))
    throw badRequest(
      'TokenRequest in version "v1" cannot be handled as a TokenRequest: spec.expirationSeconds is no integer',
    );
  const complaint =
    seconds < shortestSeconds
      ? 'may not specify a duration less than 10 minutes'
      : seconds > longestSeconds
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined;
  if (complaint === undefined) return seconds;
  throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest', name: call.name }, [
    fieldInvalid('spec.expirationSeconds', seconds, complaint),
  ]);
}

const bindingKinds: Readonly<Record<string, BindingKind>> = {
  'v1/Pod': 'pod',
  'v1/Secret': 'secret',
  'v1/Node': 'node',
};

/** The object a token is to be bound to, and of a pod its node. */
function boundTo(
  { store }: RestParts,
  call: Call,
  reference: JsonObject | undefined,
): TokenContent['bound'] {
  if (!reference) return {};
  const text = (field: string): string => textAt(reference, field) ?? '';
  const kind = bindingKinds[`${text('apiVersion')}/${text('kind')}`];
  if (!kind)
    throw badRequest(
      `cannot bind token to object of type ${text('apiVersion')}, Kind=${text('kind')}`,
    );
  const namespace = kind === 'node' ? '' : call.namespace;
  const object = store.get({ resource: `${kind}s`, namespace, name: text('name') })?.parse();
  if (!object) throw notFound({ group: '', plural: `${kind}s` }, text('name'));
  checkUid(reference, object);
  if (kind !== 'pod') return { [kind]: named(object) };
  checkOwner(call, object);
  return { pod: named(object), ...nodeOf(store, object) };
}

function checkUid(reference: JsonObject, { kind, metadata }: KubeObject): void {
  const uid = textAt(reference, 'uid') ?? '';
  if (uid === '' || uid === metadata.uid) return;
  throw conflict(
    { group: '', plural: kind },
    metadata.name ?? '',
    `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
  );
}

function checkOwner({ name }: Call, pod: KubeObject): void {
  if (textAt(pod, 'spec', 'serviceAccountName') === name) return;
  throw badRequest(
    `cannot bind token for serviceaccount "${name}" to pod running with different serviceaccount name.`,
  );
}

function nodeOf(store: RestParts['store'], pod: KubeObject): TokenContent['bound'] {
  const name = textAt(pod, 'spec', 'nodeName') ?? '';
  const node = store.get({ resource: 'nodes', namespace: '', name })?.parse();
  return node ? { node: named(node) } : {};
}

function named({ metadata: { name = '', uid = '' } }: KubeObject): Named {
  return { name, uid };
}
