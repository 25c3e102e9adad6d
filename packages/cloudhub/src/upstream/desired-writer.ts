import {
  decideWish,
  readSettled,
  settledWishesAnnotation,
  writeSettled,
  type EdgeWish,
  type SettledWish,
  type WishDecision,
} from '@skerry/shared/devices/wish';
import type { ObjectKey } from '@skerry/shared/names';
import { field, list, text } from '../kube/json-read.ts';
import type { KubeWriter } from '../kube/kube-api.ts';
import { Conflict, Invalid } from '../kube/kube-errors.ts';
import { devices } from '../kube/resource.ts';
import type { CurrentObjects, KubeObject } from './current-objects.ts';
import { isFields, type Fields } from './merge-diff.ts';
import { conflictRetries } from './status-writer.ts';

export interface DesiredWriterParts {
  readonly api: KubeWriter;
  readonly current: CurrentObjects;
}

/**
 * Brings desired values written at an edge into the Device's spec. Which of them are is decided by
 * `decideWish`, on the object as it is, and the decisions are written with them in one patch bound to its
 * version: each wish is decided once, whatever is repeated or breaks off.
 */
export class DesiredWriter {
  readonly #parts: DesiredWriterParts;

  constructor(parts: DesiredWriterParts) {
    this.#parts = parts;
  }

  /** Throws KubeError; Conflict only when it persists. */
  async write(key: ObjectKey, wishes: readonly EdgeWish[], signal: AbortSignal): Promise<void> {
    const { current } = this.#parts;
    let refused = false;
    for (let attempt = 1; ; attempt++) {
      const object = await current.get(devices, key, signal);
      const patch = patchOf(object, wishes, refused);
      if (!patch) return;
      try {
        await this.#patch(key, patch, signal);
        return;
      } catch (error) {
        current.forget(key);
        if (error instanceof Invalid && !refused) refused = true;
        else if (!(error instanceof Conflict) || attempt >= conflictRetries) throw error;
        await current.reread(devices, key, signal);
      }
    }
  }

  async #patch(key: ObjectKey, body: Fields, signal: AbortSignal): Promise<void> {
    const { api, current } = this.#parts;
    current.remember(key, await api.patch(devices, key, { kind: 'merge', body }, signal));
  }
}

/** The wishes of a report; undefined when something in it is not one. */
export function wishesOf(payload: unknown): EdgeWish[] | undefined {
  const wishes = list(field(payload, 'desired')).map(toWish);
  return wishes.every((wish) => wish !== undefined) ? wishes : undefined;
}

function toWish(entry: unknown): EdgeWish | undefined {
  const [property, value] = [text(field(entry, 'property')), field(entry, 'value')];
  const over = field(entry, 'over');
  const [version, at] = [field(entry, 'version'), field(entry, 'at')];
  if (property === undefined || typeof value !== 'string') return undefined;
  if (typeof version !== 'number' || !Number.isSafeInteger(version)) return undefined;
  if (typeof at !== 'number' || (over !== null && typeof over !== 'string')) return undefined;
  return { property, value, over, version, at };
}

/** Undefined when everything has been decided before. A spec that the server refuses loses every wish. */
function patchOf(
  { metadata, spec = {} }: KubeObject,
  wishes: readonly EdgeWish[],
  refused: boolean,
): Fields | undefined {
  const annotations = field(metadata, 'annotations');
  const settled = new Map(readSettled(text(field(annotations, settledWishesAnnotation))));
  const properties = list(spec['properties']).filter(isFields);
  const open = wishes.flatMap((wish) => {
    const decision = decideFor(properties, settled.get(wish.property), wish);
    return decision === 'settled' ? [] : [{ wish, isWritten: decision === 'write' && !refused }];
  });
  if (open.length === 0) return undefined;
  for (const { wish, isWritten } of open) {
    const { property, version, value } = wish;
    settled.set(property, isWritten ? { version, value } : { version });
  }
  const written = new Map(
    open.filter(({ isWritten }) => isWritten).map(({ wish }) => [wish.property, wish]),
  );
  const { resourceVersion } = metadata;
  return {
    metadata: {
      resourceVersion,
      annotations: { [settledWishesAnnotation]: writeSettled(settled) },
    },
    ...(written.size > 0 && {
      spec: { properties: properties.map((each) => withWish(each, written)) },
    }),
  };
}

/** A property that the spec does not have cannot be written. */
function decideFor(
  properties: readonly Fields[],
  settled: SettledWish | undefined,
  wish: EdgeWish,
): WishDecision {
  const stated = properties.find(({ name }) => name === wish.property);
  const value = text(field(field(stated, 'desired'), 'value')) ?? null;
  const decision = decideWish({ value, settled }, wish);
  return decision === 'write' && !stated ? 'lose' : decision;
}

function withWish(property: Fields, written: ReadonlyMap<string, EdgeWish>): Fields {
  const wish = written.get(String(property['name']));
  if (!wish) return property;
  const desired = field(property, 'desired');
  const metadata = field(desired, 'metadata');
  return {
    ...property,
    desired: {
      ...(isFields(desired) ? desired : {}),
      value: wish.value,
      metadata: { ...(isFields(metadata) ? metadata : {}), timestamp: String(wish.at) },
    },
  };
}
