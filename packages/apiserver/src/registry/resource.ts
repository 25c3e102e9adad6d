import { valueAt, type Json, type JsonObject, type KubeObject } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import type { ValidationRules } from '../schema/validation-rules.ts';
import type { Attributes } from '../storage/held.ts';

export type Verb =
  'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** A part of an object with its own path, for example `status`. */
export interface Subresource {
  readonly name: string;
  /** What its path speaks when it is not the object itself, for example `Scale`. */
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly Verb[];
}

/** What the server knows of one kind in one version: a row of the table behind every path. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly Subresource[];
  /** Whether `metadata.generation` counts the changes of the desired state. */
  readonly generation: boolean;
  /**
   * Where its objects are kept: `plural`, or `plural.group`; one for all versions of a kind. Empty when
   * they are not: a question, answered and forgotten.
   */
  readonly storage: string;
  /**
   * What a field selector may ask for besides `metadata.name` and `metadata.namespace`: a path, and
   * what it reads as when the object does not have it.
   */
  readonly selectable: Readonly<Record<string, string>>;
  /** Only where objects are kept in the form of another group. */
  readonly storedAs?: StoredForm | undefined;
  /** Only for a resource that a CustomResourceDefinition defines. */
  readonly custom?: CustomVersion;
}

/** How a kind is kept as a kind of another group. */
export interface StoredForm {
  readonly storage: string;
  readonly toStored: (object: KubeObject) => KubeObject;
  readonly toServed: (object: KubeObject) => KubeObject;
}

/** What a CustomResourceDefinition says of one version. */
export interface CustomVersion {
  readonly definition: KubeObject;
  /** The entry of `spec.versions`. */
  readonly version: JsonObject;
  /** Its structural schema. */
  readonly schema: Schema;
  readonly rules: ValidationRules;
  /** `apiVersion` in which objects are kept. */
  readonly storedAs: string;
}

export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

export function storageName(plural: string, group: string): string {
  return group === '' ? plural : `${plural}.${group}`;
}

export function subresourceOf(resource: Resource, name: string): Subresource | undefined {
  return resource.subresources.find((subresource) => subresource.name === name);
}

/** The selectable fields of an object, absent ones as the empty text. */
export function selectFields(resource: Resource): (object: KubeObject) => Attributes {
  return (object) =>
    Object.fromEntries([
      ['metadata.name', object.metadata.name ?? ''],
      ['metadata.namespace', object.metadata.namespace ?? ''],
      ...Object.entries(resource.selectable).map(([path, absent]) => {
        const value = valueAt(object, ...path.split('.'));
        return [path, isScalar(value) ? String(value) : absent];
      }),
    ]) as Attributes;
}

function isScalar(value: Json | undefined): value is string | number | boolean {
  return value !== undefined && value !== null && typeof value !== 'object';
}
