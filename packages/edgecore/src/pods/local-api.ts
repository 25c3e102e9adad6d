import { messageOf } from '@skerry/shared/errors';
import type { ObservedPod } from '../runtime/observed.ts';
import { runningSandbox } from './outlook.ts';
import type { PodObject } from './pod.ts';
import { isBeingDeleted } from './pod-fate.ts';
import { PodUnfit } from './pod-errors.ts';
import { referenceKey, type HeldReferences } from './references.ts';

/** `"true"` on a pod: its programs take the API of this node for the cluster's. */
export const LOCAL_API_ANNOTATION = 'edge.skerry.io/local-api';

/** What every cluster keeps in each namespace: who signed the certificate of its API server. */
const rootCa = 'kube-root-ca.crt';
const caFile = 'ca.crt';

/** Where an API server is. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The API of this node, as its pods come to it. */
export interface LocalApiAccess {
  /** PEM: who signs the certificates that it proves itself with. */
  authority(signal: AbortSignal): Promise<string>;
  /**
   * Where programs of a pod find it, whose network has this machine at `gateway`; undefined: the pod is on
   * the machine's own. Resolves when it listens there; rejects when it cannot.
   */
  reach(gateway: string | undefined, signal: AbortSignal): Promise<Endpoint>;
}

/** The API of this node, as one pod is to see it. */
export interface LocalApiView {
  readonly authority: string;
  /** Not known before the pod has a network. */
  readonly endpoint?: Endpoint | undefined;
  /** Why the pod cannot come to it. */
  readonly flaw?: string | undefined;
}

/** Undefined for a pod that does not ask for it, or is being ended. */
export async function localApiOf(
  access: LocalApiAccess | undefined,
  object: PodObject,
  observed: ObservedPod,
  signal: AbortSignal,
): Promise<LocalApiView | undefined> {
  const asks = object.metadata.annotations?.[LOCAL_API_ANNOTATION] === 'true';
  if (!asks || !access || isBeingDeleted(object)) return undefined;
  const authority = await access.authority(signal);
  const state = runningSandbox(observed)?.state;
  if (state?.phase !== 'running') return { authority };
  try {
    return { authority, endpoint: await access.reach(state.gateway, signal) };
  } catch (error) {
    signal.throwIfAborted();
    return { authority, flaw: `the local API cannot be reached from the pod: ${messageOf(error)}` };
  }
}

/** Pure: programs that trust the cluster's API server trust this node's as well. */
export function withAuthority(
  held: HeldReferences,
  { metadata }: PodObject,
  localApi: LocalApiView | undefined,
): HeldReferences {
  if (!localApi) return held;
  const key = referenceKey('configmap', metadata.namespace, rootCa);
  const entries = held.get(key) ?? new Map<string, Buffer>();
  const others = entries.get(caFile)?.toString('utf8') ?? '';
  const both = Buffer.from(`${localApi.authority.trimEnd()}\n${others}`, 'utf8');
  return new Map([...held, [key, new Map([...entries, [caFile, both]])]]);
}

/**
 * By what programs within a cluster find its API. Throws PodUnfit where the pod cannot come to it.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
export function serverVariables(localApi: LocalApiView | undefined): [string, string][] {
  if (localApi?.flaw !== undefined) throw new PodUnfit(localApi.flaw);
  if (!localApi?.endpoint) return [];
  const { host, port } = localApi.endpoint;
  return [
    ['KUBERNETES_SERVICE_HOST', host],
    ['KUBERNETES_SERVICE_PORT', String(port)],
    ['KUBERNETES_SERVICE_PORT_HTTPS', String(port)],
  ];
}
