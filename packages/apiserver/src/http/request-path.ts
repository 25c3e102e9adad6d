import { unknownPath } from '../refusals.ts';

/** A path that leads to resources. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: string;
}

/** Parts of a namespace itself, not resources within it. */
const namespaceParts: readonly string[] = ['status', 'finalize'];

/**
 * `/api/v1/…` and `/apis/GROUP/VERSION/…`; undefined for every other path, discovery included.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
 */
export function parseResourcePath(pathname: string): ResourcePath | undefined {
  const parts = pathname.split('/').slice(1).map(decodePart);
  if (parts.at(-1) === '') parts.pop();
  const located = locate(parts);
  if (!located || located.rest.length === 0) return undefined;
  const { group, version, rest } = located;
  return { group, version, ...target(rest) };
}

interface Located {
  readonly group: string;
  readonly version: string;
  readonly rest: readonly string[];
}

function locate([prefix, ...parts]: readonly string[]): Located | undefined {
  if (prefix === 'api') {
    const [version = '', ...rest] = parts;
    return { group: '', version, rest };
  }
  if (prefix !== 'apis') return undefined;
  const [group = '', version = '', ...rest] = parts;
  return { group, version, rest };
}

type Target = Omit<ResourcePath, 'group' | 'version'>;

function target(parts: readonly string[]): Target {
  const [first = '', namespace = '', third = ''] = parts;
  const within = first === 'namespaces' && parts.length > 2 && !namespaceParts.includes(third);
  return within ? { ...named(parts.slice(2)), namespace } : { ...named(parts), namespace: '' };
}

function named(parts: readonly string[]): Omit<Target, 'namespace'> {
  const [plural = '', name = '', subresource = '', ...beyond] = parts;
  if (beyond.length > 0) throw unknownPath();
  return { plural, name, subresource };
}

function decodePart(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    throw unknownPath();
  }
}
