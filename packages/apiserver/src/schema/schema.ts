import type { Json } from '../json.ts';

/** How the elements of a list belong together when several writers own it. */
export type ListType = 'atomic' | 'set' | 'map';

/**
 * A schema node: the part of OpenAPI v3 that Kubernetes uses, with its extensions. Custom resources
 * bring theirs in a definition; those of the built-in kinds come from `builtinSchema`. Nodes may be
 * shared and, for recursive kinds, cyclic: never walk one without a value to walk along.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly example?: Json;
  readonly nullable?: boolean;
  readonly enum?: readonly Json[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: ListType;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  /** Rules in the Common Expression Language, as they were written. */
  readonly 'x-kubernetes-validations'?: readonly Json[];
  readonly 'x-kubernetes-map-type'?: 'granular' | 'atomic';
  /** Comma-separated: `merge`, `replace`, `retainKeys`. Built-in kinds only. */
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  /** Name that a type of the built-in kinds has in OpenAPI documents; absent in inline schemas. */
  readonly definition?: string;
  /**
   * What the server writes where a field of a built-in kind holds nothing (the empty string, 0,
   * false, an empty list or map): `omit` leaves it out, `print` writes it even when it was not
   * given. Absent: as it was given.
   */
  readonly whenEmpty?: 'omit' | 'print';
  /** Fields of a struct of a built-in kind that are written even when they hold nothing. */
  readonly alwaysPrinted?: readonly string[];
}

/** The schema of the member `key`: a declared property, else that of all other members. */
export function memberSchema(schema: Schema | undefined, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema ?? {};
  if (properties && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}
