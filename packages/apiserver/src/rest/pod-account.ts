import {
  isObject,
  listAt,
  objectAt,
  textAt,
  valueAt,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../json.ts';
import { forbidden } from '../refusals.ts';
import { subjectOf, type Call, type RestParts } from './call.ts';
import { generatedName } from './identity.ts';

/** How long a pod waits for the account that its namespace is about to get, milliseconds. */
export const accountPatienceMs = 10_000;

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
const ownAccount = 'default';
/** Lets the token outlive pods that never read it again; see the TokenRequest. */
const expirationSeconds = 3_607;
const fileMode = 0o644;

/** A namespace has its account a moment after it was made: waits for it. */
export async function awaitAccount(
  { store, clock }: RestParts,
  { namespace }: Call,
  pod: KubeObject,
): Promise<void> {
  if (accountNameOf(pod) !== ownAccount) return;
  const there = (): boolean =>
    store.get({ resource: 'serviceaccounts', namespace, name: ownAccount }) !== undefined;
  const isNamespace = store.get({ resource: 'namespaces', namespace: '', name: namespace });
  if (there() || !isNamespace) return;
  const patience = new AbortController();
  void clock.sleep(accountPatienceMs, patience.signal).then(
    () => patience.abort(),
    () => undefined,
  );
  while (!there() && !patience.signal.aborted)
    await store.log('serviceaccounts').changed(patience.signal);
  patience.abort();
}

/**
 * Gives a new pod what its ServiceAccount is to its containers: a volume with a token, the authority to
 * trust and the name of the namespace, mounted where clients look; and the account's pull secrets.
 * Throws Forbidden when there is no such account.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#serviceaccount-admission-controller
 */
export function furnishPod({ store, random }: RestParts, call: Call, pod: KubeObject): void {
  const name = accountNameOf(pod);
  const spec = objectAt(pod, 'spec');
  if (!spec || isMirror(pod)) return;
  const held = store.get({ resource: 'serviceaccounts', namespace: call.namespace, name });
  if (!held)
    throw forbidden(
      subjectOf(call),
      pod.metadata.name ?? '',
      `error looking up service account ${call.namespace}/${name}: serviceaccount "${name}" not found`,
    );
  const account = held.parse();
  const pullSecrets = listAt(account, 'imagePullSecrets');
  if (listAt(spec, 'imagePullSecrets').length === 0 && pullSecrets.length > 0)
    spec['imagePullSecrets'] = pullSecrets;
  if (wantsToken(spec, account)) mount(spec, () => generatedName(volumePrefix, random));
}

function accountNameOf(pod: KubeObject): string {
  const name = textAt(pod, 'spec', 'serviceAccountName') ?? '';
  return name === '' ? ownAccount : name;
}

/** Of a pod that its node runs by itself, there is only the picture here. */
function isMirror({ metadata }: KubeObject): boolean {
  return metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}

function wantsToken(spec: JsonObject, account: KubeObject): boolean {
  const field = 'automountServiceAccountToken';
  return (valueAt(spec, field) ?? valueAt(account, field) ?? true) !== false;
}

function mount(spec: JsonObject, newName: () => string): void {
  const containers = [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')];
  const lacking = containers.filter(isObject).filter((container) => !hasMount(container));
  if (lacking.length === 0) return;
  const volumes = listAt(spec, 'volumes');
  const own = volumes
    .map((volume) => textAt(volume, 'name') ?? '')
    .find((name) => name.startsWith(volumePrefix));
  const name = own ?? newName();
  if (own === undefined) spec['volumes'] = [...volumes, tokenVolume(name)];
  for (const container of lacking)
    container['volumeMounts'] = [
      ...listAt(container, 'volumeMounts'),
      { name, readOnly: true, mountPath },
    ];
}

function hasMount(container: Json): boolean {
  return listAt(container, 'volumeMounts').some((own) => textAt(own, 'mountPath') === mountPath);
}

function tokenVolume(name: string): JsonObject {
  return {
    name,
    projected: {
      defaultMode: fileMode,
      sources: [
        { serviceAccountToken: { expirationSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [
              {
                path: 'namespace',
                fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
              },
            ],
          },
        },
      ],
    },
  };
}
