import { builtinSchema } from '../schema/builtin-schema.ts';
import type { Schema } from '../schema/schema.ts';

/**
 * How a kind's fields merge. Strategic merge patches read its patch strategies and merge keys (built-in
 * kinds only), server-side apply its list types, list map keys and map types.
 */
export type MergeSchema = Schema;

/** How a built-in kind merges; undefined for any other: its definition's schema says. */
export function mergeSchemaFor(group: string, kind: string): MergeSchema | undefined {
  return builtinSchema(group, kind);
}
