import { EdgeError } from './errors.ts';

declare const brand: unique symbol;
type Brand<T, B extends string> = T & { readonly [brand]: B };

/** Name of a Kubernetes Node, taken from its certificate. */
export type NodeName = Brand<string, 'NodeName'>;
/** `metadata.uid` of a Kubernetes object. */
export type Uid = Brand<string, 'Uid'>;
/** `metadata.resourceVersion` as an integer: comparable within one resource and one uid. */
export type Version = Brand<bigint, 'Version'>;
/** Position of a frame within one session, counted from 1. */
export type Seq = Brand<number, 'Seq'>;
/** `resource/namespace/name`; the namespace is empty for cluster-scoped objects. */
export type ObjectKey = Brand<string, 'ObjectKey'>;
/** `plural` for the core group, `plural.group` otherwise, for example `devices.devices.kubeedge.io`. */
export type ResourceName = Brand<string, 'ResourceName'>;

/** A name, key or version that does not have the form it must have. */
export class MalformedName extends EdgeError {
  readonly code = 'name.malformed';
  readonly disposition = 'reject';
}

/** A key taken apart. */
export interface KeyParts {
  readonly resource: ResourceName;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** RFC 1123 subdomain of at most 253 characters, as Kubernetes asks of Node names. */
export function nodeName(text: string): NodeName {
  if (text.length > 253 || !subdomain.test(text))
    throw new MalformedName(`not a node name: ${JSON.stringify(text)}`);
  return text as NodeName;
}

/** Parses `metadata.resourceVersion`; throws MalformedName unless it is a decimal integer. */
export function version(text: string): Version {
  if (!/^\d{1,20}$/.test(text))
    throw new MalformedName(`not a resource version: ${JSON.stringify(text)}`);
  return BigInt(text) as Version;
}

export function uid(text: string): Uid {
  if (text.length === 0 || text.length > 128)
    throw new MalformedName(`not a uid: ${JSON.stringify(text)}`);
  return text as Uid;
}

export function resourceName(plural: string, group = ''): ResourceName {
  return (group === '' ? plural : `${plural}.${group}`) as ResourceName;
}

/** Joins a key; throws MalformedName when a part is missing or holds a slash. */
export function objectKey(resource: ResourceName, namespace: string, name: string): ObjectKey {
  if (
    resource === '' ||
    name === '' ||
    [resource, namespace, name].some((part) => part.includes('/'))
  )
    throw new MalformedName(`not a key: ${JSON.stringify([resource, namespace, name])}`);
  return `${resource}/${namespace}/${name}` as ObjectKey;
}

/** Takes a key apart; throws MalformedName unless it has three parts. */
export function keyParts(key: string): KeyParts {
  const [resource, namespace, name, ...rest] = key.split('/');
  if (!resource || namespace === undefined || !name || rest.length > 0)
    throw new MalformedName(`not a key: ${JSON.stringify(key)}`);
  return { resource: resource as ResourceName, namespace, name };
}

/** Whether it has the form of a key. */
export function isObjectKey(text: string): text is ObjectKey {
  try {
    keyParts(text);
    return true;
  } catch {
    return false;
  }
}
