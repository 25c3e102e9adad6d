/**
 * What is done of a field: `whole`, all of it; of an object or a list of objects, the fields that are
 * named; of others, the values of which it is true.
 */
export type Field = 'whole' | Fields | ((value: unknown) => boolean);

export interface Fields {
  readonly [name: string]: Field;
}

/** Every field that is read of an object, and no other: what is read and what is told cannot part. */
export type FieldsOf<T> = { readonly [K in keyof T]-?: Field };

export function without(fields: Fields, ...names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
