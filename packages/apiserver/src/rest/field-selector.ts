import { badRequest } from '../refusals.ts';
import type { Attributes } from '../storage/held.ts';

export interface FieldRequirement {
  readonly path: string;
  readonly value: string;
  readonly equal: boolean;
}

/**
 * Parses `metadata.name=a,status.phase!=Running`; a backslash escapes a comma, an equals sign or
 * itself. Throws when a path is none of `known`.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
 */
export function parseFieldSelector(
  text: string,
  known: readonly string[],
): readonly FieldRequirement[] {
  const terms = text.match(/(\\.|[^,\\])+/g) ?? [];
  return terms.map((term) => {
    const match = /^((?:\\.|[^=!\\])+)(==|!=|=)(.*)$/s.exec(term);
    const [, path = '', operator, value = ''] = match ?? [];
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    if (!known.includes(path)) throw badRequest(unknownField(path, known));
    return { path, value: value.replace(/\\(.)/g, '$1'), equal: operator !== '!=' };
  });
}

export function matchesFields(
  requirements: readonly FieldRequirement[],
  fields: Attributes,
): boolean {
  return requirements.every(({ path, value, equal }) => (fields[path] === value) === equal);
}

function unknownField(path: string, known: readonly string[]): string {
  if (known.length > 2) return `field label not supported: ${path}`;
  const names = known.map((name) => `"${name}"`).join(', ');
  return `"${path}" is not a known field selector: only ${names}`;
}
