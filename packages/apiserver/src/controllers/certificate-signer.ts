import { kubeTime } from '@skerry/shared/clock';
import type { KeyPair } from '@skerry/shared/pki';
import type { Requeue } from '@skerry/shared/workqueue';
import { listAt, objectAt, textAt, valueAt, type Json, type KubeObject } from '../json.ts';
import { signingRequestStorage } from '../kinds/signing-request.ts';
import type { RestParts } from '../rest/call.ts';
import { clientSigner } from '../rest/signing-requests.ts';
import type { Held } from '../storage/held.ts';
import type { Decision } from '../storage/object-store.ts';
import { reconcile } from './reconcile.ts';

interface SignerParts extends RestParts {
  /** Whose certificates prove names to the API server. */
  readonly authority: KeyPair;
}

const yearSeconds = 31_536_000;

/**
 * Answers approved requests for client certificates; none is approved by itself.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
 */
export async function runCertificateSigner(parts: SignerParts, signal: AbortSignal): Promise<void> {
  const sources = { [signingRequestStorage]: ({ name }: Held) => [name] };
  const turn = (name: string): Promise<Requeue> => sign(parts, name);
  await reconcile({ ...parts, sources, turn }, signal);
}

async function sign({ store, clock, authority }: SignerParts, name: string): Promise<Requeue> {
  const key = { resource: signingRequestStorage, namespace: '', name };
  const request = store.get(key)?.parse();
  if (!request || !isWaiting(request)) return undefined;
  const outcome = isForClients(request)
    ? { certificate: await certificateFor(request, authority, clock.now()) }
    : { failure: 'usages did not match those of a client certificate' };
  await store.change(key, (held): Decision => {
    const current = held?.parse();
    if (!current || !isWaiting(current)) return { do: 'keep' };
    return { do: 'put', object: answered(current, outcome, kubeTime(clock.now())) };
  });
  return undefined;
}

function isWaiting(request: KubeObject): boolean {
  const types = listAt(request, 'status', 'conditions').map((one) => textAt(one, 'type'));
  return (
    textAt(request, 'spec', 'signerName') === clientSigner &&
    types.includes('Approved') &&
    !types.includes('Denied') &&
    !types.includes('Failed') &&
    (textAt(request, 'status', 'certificate') ?? '') === ''
  );
}

function isForClients(request: KubeObject): boolean {
  const usages = listAt(request, 'spec', 'usages');
  const allowed: readonly Json[] = ['client auth', 'digital signature', 'key encipherment'];
  return usages.includes('client auth') && usages.every((usage) => allowed.includes(usage));
}

async function certificateFor(
  request: KubeObject,
  authority: KeyPair,
  now: number,
): Promise<string> {
  const { signRequest } = await import('@skerry/shared/pki');
  const pem = Buffer.from(textAt(request, 'spec', 'request') ?? '', 'base64').toString();
  const asked = valueAt(request, 'spec', 'expirationSeconds');
  const seconds = typeof asked === 'number' ? Math.min(asked, yearSeconds) : yearSeconds;
  return signRequest(authority, { pem, seconds }, now);
}

function answered(
  request: KubeObject,
  { certificate, failure }: { readonly certificate?: string; readonly failure?: string },
  now: string,
): KubeObject {
  const status = objectAt(request, 'status') ?? {};
  if (certificate !== undefined) {
    const encoded = Buffer.from(certificate).toString('base64');
    return { ...request, status: { ...status, certificate: encoded } };
  }
  const failed = {
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message: failure ?? '',
    lastUpdateTime: now,
    lastTransitionTime: now,
  };
  return {
    ...request,
    status: { ...status, conditions: [...listAt(status, 'conditions'), failed] },
  };
}
