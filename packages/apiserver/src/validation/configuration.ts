import { objectAt, sameJson, textAt, valueAt, type Json } from '../json.ts';
import { forbidden, invalid, required, tooLong, type FieldError } from './field-error.ts';
import { validateImmutable } from './metadata.ts';
import { configMapKey } from './names.ts';

/** What a ConfigMap or Secret may hold together. */
export const maxDataBytes: number = 1024 * 1024;

export function validateConfigMap(object: Json): FieldError[] {
  const binary = objectAt(object, 'binaryData') ?? {};
  return [
    ...keysOf(object, 'data'),
    ...keysOf(object, 'binaryData'),
    ...Object.keys(objectAt(object, 'data') ?? {}).flatMap((key) =>
      Object.hasOwn(binary, key)
        ? [invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')]
        : [],
    ),
    ...validateSize('', sizeOf(object, 'data', false) + sizeOf(object, 'binaryData', true)),
  ];
}

/** Keys that a Secret of a well-known type must have. */
const requiredKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
]);

export function validateSecret(object: Json): FieldError[] {
  const data = objectAt(object, 'data') ?? {};
  const needed = requiredKeys.get(textAt(object, 'type') ?? '') ?? [];
  return [
    ...keysOf(object, 'data'),
    ...validateSize('data', sizeOf(object, 'data', true)),
    ...needed.filter((key) => !Object.hasOwn(data, key)).map((key) => required(`data[${key}]`)),
    ...(textAt(object, 'type') === 'kubernetes.io/basic-auth' ? validateBasicAuth(data) : []),
  ];
}

function validateBasicAuth(data: Json): FieldError[] {
  const isThere = (key: string): boolean => valueAt(data, key) !== undefined;
  return isThere('username') || isThere('password')
    ? []
    : [required('data[username]'), required('data[password]')];
}

function keysOf(object: Json, field: string): FieldError[] {
  return Object.keys(objectAt(object, field) ?? {}).flatMap((key) =>
    configMapKey(key).map((complaint) => invalid(`${field}[${key}]`, key, complaint)),
  );
}

function sizeOf(object: Json, field: string, isBase64: boolean): number {
  const lengths = Object.values(objectAt(object, field) ?? {}).map((value) =>
    typeof value === 'string' ? Buffer.byteLength(value, isBase64 ? 'base64' : 'utf8') : 0,
  );
  return lengths.reduce((sum, length) => sum + length, 0);
}

function validateSize(path: string, size: number): FieldError[] {
  return size > maxDataBytes ? [tooLong(path, maxDataBytes)] : [];
}

/** An immutable ConfigMap or Secret stays so, and so does what it holds. */
export function validateImmutableData(...fields: readonly string[]) {
  return (object: Json, held: Json): FieldError[] => {
    if (valueAt(held, 'immutable') !== true) return [];
    const detail = 'field is immutable when `immutable` is set';
    return [
      ...(valueAt(object, 'immutable') === true ? [] : [forbidden('immutable', detail)]),
      ...fields
        .filter((field) => !sameJson(objectAt(object, field) ?? {}, objectAt(held, field) ?? {}))
        .map((field) => forbidden(field, detail)),
    ];
  };
}

/** A Secret's type is chosen once. */
export function validateSecretUpdate(object: Json, held: Json): FieldError[] {
  return [
    ...validateImmutable('type', valueAt(object, 'type'), valueAt(held, 'type')),
    ...validateImmutableData('data')(object, held),
  ];
}
