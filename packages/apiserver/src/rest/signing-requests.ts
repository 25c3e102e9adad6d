import { refusal } from '../auth/authorize.ts';
import {
  isObject,
  listAt,
  objectAt,
  textAt,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../json.ts';
import { timeConditions } from '../kinds/signing-request.ts';
import { forbidden, invalid } from '../refusals.ts';
import { invalid as fieldInvalid } from '../validation/field-error.ts';
import type { Call, RestParts } from './call.ts';

/** Certificates of this signer prove a name to the API server. */
export const clientSigner = 'kubernetes.io/kube-apiserver-client';
const group = 'certificates.k8s.io';

/** Throws when a request holds none, or asks to be an administrator, whom nobody could ever stop. */
export async function checkRequest(object: KubeObject): Promise<void> {
  const { readSigningRequest } = await import('@skerry/shared/pki');
  const pem = Buffer.from(textAt(object, 'spec', 'request') ?? '', 'base64').toString();
  const asked = await readSigningRequest(pem);
  const name = object.metadata.name ?? '';
  if (!asked)
    throw invalid({ group, kind: 'CertificateSigningRequest', name }, [
      fieldInvalid('spec.request', '', 'must be a PEM block of a signed CERTIFICATE REQUEST'),
    ]);
  const { organizations } = asked;
  if (
    textAt(object, 'spec', 'signerName') === clientSigner &&
    organizations.includes('system:masters')
  )
    throw forbidden(
      { group, plural: 'certificatesigningrequests' },
      name,
      `use of ${clientSigner} signer with system:masters group is not allowed`,
    );
}

/**
 * A request says who made it. Only those who may `approve` its signer's requests judge it, and only those
 * who may `sign` for the signer answer it; neither does the other's work.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
 */
export function admitSigningRequest(
  parts: RestParts,
  call: Call,
  request: KubeObject,
  held?: KubeObject,
): void {
  if (!held) {
    sayWho(call, request);
    return;
  }
  if (!call.subresource) return;
  const approves = call.subresource.name === 'approval';
  checkSigner(parts, call, approves ? 'approve' : 'sign', textAt(held, 'spec', 'signerName') ?? '');
  const mine = (condition: Json): boolean => isVerdict(condition) === approves;
  const before = objectAt(held, 'status') ?? {};
  const next = objectAt(request, 'status') ?? {};
  request['status'] = {
    ...(approves ? before : next),
    conditions: [
      ...listAt(before, 'conditions').filter((condition) => !mine(condition)),
      ...listAt(next, 'conditions').filter(mine),
    ],
  };
  timeConditions(request, held, parts.clock.now());
}

function isVerdict(condition: Json): boolean {
  return (
    isObject(condition) && (condition['type'] === 'Approved' || condition['type'] === 'Denied')
  );
}

function sayWho({ user }: Call, request: KubeObject): void {
  const asked = objectAt(request, 'spec') ?? {};
  const own: JsonObject = {
    username: user.name,
    groups: [...user.groups],
    ...(user.uid === undefined ? {} : { uid: user.uid }),
  };
  request['spec'] = { ...asked, ...own };
}

function checkSigner(
  { authorizer }: RestParts,
  { user }: Call,
  verb: 'approve' | 'sign',
  signer: string,
): void {
  const [domain = ''] = signer.split('/');
  const attributes = { verb, group, resource: 'signers', namespace: '' };
  const allowed = [signer, `${domain}/*`].some(
    (name) => authorizer.decide(user, { ...attributes, name }).allowed,
  );
  if (!allowed) throw refusal(user, { ...attributes, name: signer });
}
