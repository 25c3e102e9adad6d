import type { EnvVar } from '../runtime/container-spec.ts';
import { expand } from './expand.ts';
import { fieldValue, namedContainer, resourceValue, type Surroundings } from './field-ref.ts';
import type { Container, EnvEntry, EnvSource, KeyReference, PodObject } from './pod.ts';
import { serverVariables, type LocalApiView } from './local-api.ts';
import { PodUnfit } from './pod-errors.ts';
import {
  referenceKey,
  type Entries,
  type HeldReferences,
  type ReferenceKind,
} from './references.ts';
import type { HeldTokens } from './tokens/token-wish.ts';
import type { HeldClaims } from './volumes/claims.ts';

/** What environment and volumes are made of. */
export interface Sources {
  readonly pod: PodObject;
  readonly held: HeldReferences;
  readonly surroundings: Surroundings;
  readonly claims?: HeldClaims | undefined;
  readonly tokens?: HeldTokens | undefined;
  /** For a pod that asked for the API of this node in place of the cluster's. */
  readonly localApi?: LocalApiView | undefined;
}

const kindNames = { configmap: 'ConfigMap', secret: 'Secret' } as const;

/**
 * A container's environment: where the API is, if the pod asked for this node's, then `envFrom`, then
 * `env`, where a later entry replaces an earlier one of its name and may use it as `$(NAME)`. Throws PodUnfit, with the kubelet's message, when something
 * that is not optional is missing.
 *
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
 */
export function environment(container: Container, sources: Sources): EnvVar[] {
  const variables = new Map<string, string>(serverVariables(sources.localApi));
  for (const source of container.envFrom ?? [])
    for (const [name, value] of fromWhole(source, sources)) variables.set(name, value);
  for (const entry of container.env ?? []) {
    const value = valueOf(entry, container, sources, variables);
    if (value !== undefined) variables.set(entry.name, value);
  }
  return [...variables].map(([name, value]) => ({ name, value }));
}

/** `command` and `args` with `$(NAME)` replaced. */
export function commandLine(
  { command = [], args = [] }: Container,
  env: readonly EnvVar[],
): { readonly command: readonly string[]; readonly args: readonly string[] } {
  const variables = new Map(env.map(({ name, value }) => [name, value]));
  return {
    command: command.map((word) => expand(word, variables)),
    args: args.map((word) => expand(word, variables)),
  };
}

function fromWhole(source: EnvSource, sources: Sources): [string, string][] {
  const { prefix = '', configMapRef, secretRef } = source;
  const [kind, reference] = configMapRef
    ? (['configmap', configMapRef] as const)
    : (['secret', secretRef ?? {}] as const);
  const entries = entriesOf(kind, reference.name ?? '', reference.optional, sources);
  return [...(entries ?? [])].map(([key, value]) => [`${prefix}${key}`, value.toString('utf8')]);
}

function valueOf(
  { value, valueFrom }: EnvEntry,
  container: Container,
  sources: Sources,
  variables: ReadonlyMap<string, string>,
): string | undefined {
  if (!valueFrom) return expand(value ?? '', variables);
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = valueFrom;
  if (configMapKeyRef) return keyValue('configmap', configMapKeyRef, sources);
  if (secretKeyRef) return keyValue('secret', secretKeyRef, sources);
  if (fieldRef) return fieldValue(fieldRef, sources.pod, sources.surroundings);
  if (!resourceFieldRef) return '';
  const { containerName } = resourceFieldRef;
  const of = containerName === undefined ? container : namedContainer(sources.pod, containerName);
  return resourceValue(resourceFieldRef, of, sources.surroundings);
}

function keyValue(
  kind: ReferenceKind,
  { name = '', key, optional }: KeyReference,
  sources: Sources,
): string | undefined {
  const entries = entriesOf(kind, name, optional, sources);
  const value = entries?.get(key);
  if (value !== undefined || optional === true) return value?.toString('utf8');
  const { namespace } = sources.pod.metadata;
  throw new PodUnfit(`couldn't find key ${key} in ${kindNames[kind]} ${namespace}/${name}`);
}

/** Undefined when it is missing and optional. */
export function entriesOf(
  kind: ReferenceKind,
  name: string,
  optional: boolean | undefined,
  { pod, held }: Sources,
): Entries | undefined {
  const { namespace } = pod.metadata;
  const entries = name === '' ? undefined : held.get(referenceKey(kind, namespace, name));
  if (!entries && optional !== true) throw new PodUnfit(`${kind} "${name}" not found`);
  return entries;
}
