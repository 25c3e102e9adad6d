import { badRequest, invalid, malformedVersion } from '../refusals.ts';
import { forbidden, notSupported } from '../validation/field-error.ts';
import type { Revision } from '../storage/held.ts';
import type { Call } from './call.ts';

/** What happens to fields the schema does not know. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  /** Everything is checked and nothing stored. */
  readonly dryRun: boolean;
  /** Who owns the fields that this write sets. */
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Server-side apply only: take fields from other managers. */
  readonly force: boolean;
}

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/ */
export function writeOptions({ query, userAgent }: Call): WriteOptions {
  return {
    dryRun: isDryRun(query.getAll('dryRun')),
    fieldManager: query.get('fieldManager') ?? managerOf(userAgent),
    fieldValidation: fieldValidation(query.get('fieldValidation') ?? 'Warn'),
    force: query.get('force') === 'true',
  };
}

export function isDryRun(values: readonly string[]): boolean {
  const strange = values.find((value) => value !== 'All' && value !== '');
  if (strange !== undefined)
    throw invalid({ group: 'meta.k8s.io', kind: 'CreateOptions', name: '' }, [
      notSupported('dryRun', strange, ['All']),
    ]);
  return values.includes('All');
}

/** `kubectl/v1.32.4 (linux/amd64)` -> `kubectl`. */
function managerOf(userAgent: string): string {
  const [product = ''] = userAgent.split(/[/\s]/);
  return product === '' ? 'unknown' : product.slice(0, 128);
}

function fieldValidation(text: string): FieldValidation {
  if (text === 'Ignore' || text === 'Warn' || text === 'Strict') return text;
  if (text === '') return 'Warn';
  throw invalid({ group: 'meta.k8s.io', kind: 'CreateOptions', name: '' }, [
    notSupported('fieldValidation', text, ['Ignore', 'Strict', 'Warn']),
  ]);
}

export type VersionMatch = 'Exact' | 'NotOlderThan' | undefined;

export interface ListOptions {
  /** Zero: any state will do; absent: the newest. */
  readonly version: Revision | undefined;
  readonly match: VersionMatch;
  /** Zero: no limit. */
  readonly limit: number;
  readonly continue: string;
  readonly sendInitialEvents: boolean | undefined;
  readonly allowBookmarks: boolean;
  /** Absent: the server decides. */
  readonly timeoutSeconds: number | undefined;
}

export function listOptions({ query }: Pick<Call, 'query'>): ListOptions {
  const version = parseVersion(query.get('resourceVersion') ?? '');
  const initial = query.get('sendInitialEvents');
  return {
    version,
    match: versionMatch(query.get('resourceVersionMatch') ?? '', version !== undefined, initial),
    limit: wholeNumber(query, 'limit') ?? 0,
    continue: query.get('continue') ?? '',
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
    allowBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds: wholeNumber(query, 'timeoutSeconds'),
  };
}

/** A flag of a query as Kubernetes reads it: present and neither `false` nor `0`. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== 'false' && value !== '0';
}

function parseVersion(text: string): Revision | undefined {
  if (text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw malformedVersion('resourceVersion', text);
  return Number(text);
}

function versionMatch(text: string, versioned: boolean, initial: string | null): VersionMatch {
  if (text === '') return undefined;
  if (text !== 'Exact' && text !== 'NotOlderThan')
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions', name: '' }, [
      notSupported('resourceVersionMatch', text, ['Exact', 'NotOlderThan']),
    ]);
  if (!versioned && !isTrue(initial))
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions', name: '' }, [
      forbidden(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden unless resourceVersion is provided',
      ),
    ]);
  return text;
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
}
