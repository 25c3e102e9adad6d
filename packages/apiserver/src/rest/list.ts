import { badRequest, expired, versionTooLarge } from '../refusals.ts';
import type { Held, Revision } from '../storage/held.ts';
import type { ReadableObjects } from '../storage/readable-objects.ts';
import { HistoryForgotten } from '../storage/resource-log.ts';
import { snapshotAt } from '../storage/snapshot.ts';
import type { Answer, ListAnswer } from './answer.ts';
import type { Call, ReadParts } from './call.ts';
import { listOptions, type ListOptions } from './options.ts';
import { selectionOf } from './selection.ts';

/**
 * Objects in order, all at one version; with `limit` in pages, which all show the state of the first.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function list({ store }: Pick<ReadParts, 'store'>, call: Call): Answer {
  return { type: 'list', list: selectList(store, call) };
}

export function selectList(store: ReadableObjects, call: Call): ListAnswer {
  const options = listOptions(call);
  const selects = selectionOf(call);
  const page = options.continue === '' ? firstPage(store, options) : parseToken(options.continue);
  const all = objectsAt(store, call, page.revision);
  const rest = all.slice(firstAfter(all, page.after));
  const selected = rest.filter(selects);
  if (options.limit === 0 || selected.length <= options.limit)
    return { items: selected, revision: page.revision };
  const items = selected.slice(0, options.limit);
  return {
    items,
    revision: page.revision,
    continue: makeToken({ revision: page.revision, after: items.at(-1)?.id ?? '' }),
    remaining: isFiltered(call) ? undefined : selected.length - items.length,
  };
}

/** Where a page begins: after the object with this id, in the state of this revision. */
interface Page {
  readonly revision: Revision;
  readonly after: string;
}

function firstPage(store: ReadableObjects, { version, match }: ListOptions): Page {
  if (version !== undefined && version > store.revision)
    throw versionTooLarge(version, store.revision);
  const revision = match === 'Exact' && version !== undefined ? version : store.revision;
  return { revision, after: '' };
}

function objectsAt(store: ReadableObjects, call: Call, revision: Revision): readonly Held[] {
  const now = store.list(call.resource.storage, call.namespace);
  if (revision === store.revision) return now;
  try {
    const snapshot = snapshotAt(now, store.log(call.resource.storage), revision);
    return snapshot.filter((held) => call.namespace === '' || held.namespace === call.namespace);
  } catch (error) {
    if (!(error instanceof HistoryForgotten)) throw error;
    throw expired(
      `The provided continue parameter or resource version is too old to display a consistent list: ${revision} (${error.floor}). Begin again without it.`,
    );
  }
}

function firstAfter(all: readonly Held[], id: string): number {
  if (id === '') return 0;
  const at = all.findIndex((held) => held.id > id);
  return at < 0 ? all.length : at;
}

function isFiltered({ query }: Call): boolean {
  return (query.get('labelSelector') ?? '') !== '' || (query.get('fieldSelector') ?? '') !== '';
}

function makeToken({ revision, after }: Page): string {
  const token = { v: 'meta.k8s.io/v1', rv: revision, start: after };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function parseToken(text: string): Page {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown;
    if (isToken(token)) return { revision: token.rv, after: token.start };
  } catch {
    // answered below, like a token of another form
  }
  throw badRequest('invalid continue token: continue key is not valid');
}

function isToken(value: unknown): value is { rv: number; start: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'rv' in value &&
    Number.isSafeInteger(value.rv) &&
    'start' in value &&
    typeof value.start === 'string'
  );
}
