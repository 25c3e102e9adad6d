import type { Amounts } from '@skerry/shared/kube/amounts';
import { parseQuantity } from '@skerry/shared/kube/quantity';
import type { Container, FieldReference, PodObject, ResourceFieldReference } from './pod.ts';
import { PodUnfit } from './pod-errors.ts';

/** What a pod may learn about itself and its node once it is about to run. */
export interface Surroundings {
  readonly nodeName: string;
  readonly hostIp: string;
  /** Of the running sandbox. */
  readonly podIp: string;
  /** What a container without a limit may use: the node's allocatable amounts. */
  readonly allocatable: Amounts;
}

const NANOS = 1_000_000_000n;
const subscripted = /^metadata\.(labels|annotations)\['(.+)'\]$/;

/**
 * The value of a field of the pod, as `fieldRef` names it. `whole` also allows all labels or all
 * annotations, which only a file can hold.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
 */
export function fieldValue(
  { fieldPath }: FieldReference,
  pod: PodObject,
  surroundings: Surroundings,
  whole = false,
): string {
  const value =
    subscriptedField(fieldPath, pod) ??
    (whole ? wholeField(fieldPath, pod) : undefined) ??
    plainField(fieldPath, pod, surroundings);
  if (value === undefined) throw new PodUnfit(`unsupported fieldPath: ${fieldPath}`);
  return value;
}

function subscriptedField(fieldPath: string, { metadata }: PodObject): string | undefined {
  const [, map, key] = subscripted.exec(fieldPath) ?? [];
  if (map === undefined || key === undefined) return undefined;
  return metadata[map as 'labels' | 'annotations']?.[key] ?? '';
}

function wholeField(fieldPath: string, { metadata }: PodObject): string | undefined {
  if (fieldPath === 'metadata.labels') return listed(metadata.labels);
  return fieldPath === 'metadata.annotations' ? listed(metadata.annotations) : undefined;
}

function plainField(
  fieldPath: string,
  { metadata, spec }: PodObject,
  { nodeName, hostIp, podIp }: Surroundings,
): string | undefined {
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': nodeName,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.hostIP': hostIp,
    'status.hostIPs': hostIp,
    'status.podIP': podIp,
    'status.podIPs': podIp,
  };
  return fields[fieldPath];
}

/** One `key="value"` a line, keys in order. */
function listed(map: Readonly<Record<string, string>> = {}): string {
  return Object.entries(map)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/**
 * A container's request or limit in units of `divisor`, rounded up. Without a limit it is what the
 * node can give.
 */
export function resourceValue(
  reference: ResourceFieldReference,
  container: Container,
  { allocatable }: Surroundings,
): string {
  const amount = given(reference.resource, container, allocatable);
  const unit = nanosOf(reference.divisor ?? '1');
  if (amount === undefined || unit === undefined)
    throw new PodUnfit(`unsupported container resource: ${reference.resource}`);
  const perUnit = unit > 0n ? unit : NANOS;
  return ((amount + perUnit - 1n) / perUnit).toString();
}

function given(
  resource: string,
  { resources = {} }: Container,
  allocatable: Amounts,
): bigint | undefined {
  const [kind, name = ''] = resource.split('.', 2);
  const own = kind === 'requests' ? resources.requests?.[name] : resources.limits?.[name];
  if (own !== undefined) return nanosOf(own);
  return kind === 'requests' ? 0n : (allocatable.get(name) ?? 0n);
}

function nanosOf(quantity: string | number): bigint | undefined {
  return parseQuantity(String(quantity))?.nanos;
}

/** Whether anything of the pod is made of what its containers may use. */
export function hasResourceFields({ spec }: PodObject): boolean {
  const inEnv = [...(spec.initContainers ?? []), ...spec.containers]
    .flatMap(({ env = [] }) => env)
    .some(({ valueFrom }) => valueFrom?.resourceFieldRef);
  const inFiles = (spec.volumes ?? [])
    .flatMap(({ downwardAPI, projected }) => [
      downwardAPI,
      ...(projected?.sources ?? []).map((source) => source.downwardAPI),
    ])
    .flatMap((source) => source?.items ?? [])
    .some(({ resourceFieldRef }) => resourceFieldRef);
  return inEnv || inFiles;
}

/** The container of the pod that a resourceFieldRef of a volume names. */
export function namedContainer({ spec }: PodObject, name: string | undefined): Container {
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  const found = all.find((container) => container.name === name);
  if (!found) throw new PodUnfit(`no container named ${JSON.stringify(name ?? '')}`);
  return found;
}
