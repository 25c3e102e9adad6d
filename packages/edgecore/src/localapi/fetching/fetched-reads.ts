import { forbidden, notFound } from '@skerry/apiserver/refusals';
import type { Answer } from '@skerry/apiserver/rest/answer';
import { keyOf, subjectOf, type Call } from '@skerry/apiserver/rest/call';
import { selectList } from '@skerry/apiserver/rest/list';
import { selectionOf } from '@skerry/apiserver/rest/selection';
import { apiVersionOf } from '@skerry/apiserver/registry/resource';
import { StatusError } from '@skerry/apiserver/status-error';
import type { Held } from '@skerry/apiserver/storage/held';
import { humanDuration } from '@skerry/apiserver/tables/age';
import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import { printableLine } from '@skerry/shared/printable';
import { HubRefused } from '../../link/hub-questions.ts';
import type { HeldView } from '../held-view.ts';
import { reachOf } from '../kinds.ts';
import type { Asker } from '../local-users.ts';
import type { ClusterReader } from './cluster-reader.ts';
import type { FetchedStore, Place } from './fetched-store.ts';
import { shown, type Fetched } from './fetched.ts';
import { isAway, refusalOf } from './refusals.ts';

export interface FetchedReadsParts {
  readonly node: NodeName;
  readonly view: HeldView;
  readonly reader: Pick<ClusterReader, 'get' | 'list'>;
  readonly kept: FetchedStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reads of what the node does not hold: from the cluster, or as it was when the same asker last read it. */
export class FetchedReads {
  readonly #parts: FetchedReadsParts;

  constructor(parts: FetchedReadsParts) {
    this.#parts = parts;
  }

  /** An object that is not held. */
  async get(call: Call, asker: Asker | undefined, signal: AbortSignal): Promise<Answer> {
    try {
      const [held] = await this.#read(call, asker, signal);
      if (held) return { type: 'object', status: 200, held };
      throw notFound(subjectOf(call), call.name);
    } catch (error) {
      throw reachOf(call.resource) === 'own' ? asNotFound(call, error) : error;
    }
  }

  /** What is held of a kind and what the cluster has besides. Held objects win. */
  async list(call: Call, asker: Asker | undefined, signal: AbortSignal): Promise<Answer> {
    const { view } = this.#parts;
    const held = heldOf(view, call);
    const others = await this.#read(call, asker, signal).catch((error: unknown) => {
      if (reachOf(call.resource) === 'cluster' || !(error instanceof StatusError)) throw error;
      warn(call, `only what this node holds is shown: ${error.message}`);
      return [];
    });
    const items = [...held, ...others.filter((one) => !view.get(one))];
    items.sort((a, b) => (a.id < b.id ? -1 : 1));
    return { type: 'list', list: { items, revision: view.revision } };
  }

  async #read(call: Call, asker: Asker | undefined, signal: AbortSignal): Promise<Held[]> {
    if (!asker)
      throw forbidden(
        subjectOf(call),
        call.name,
        'whom somebody acts as here proves nothing there',
      );
    try {
      const found = await this.#fetch(call, asker, signal);
      await this.#keep(call, asker, found);
      return found.map((one) => shown(call.resource, one));
    } catch (error) {
      signal.throwIfAborted();
      const kept = isAway(error) ? await this.#kept(call, asker, error) : [];
      if (kept.length > 0) return kept;
      await this.#revoke(call, asker, error);
      throw refusalOf(error, { ...this.#parts, call, asker });
    }
  }

  async #fetch(call: Call, { token }: Asker, signal: AbortSignal): Promise<Fetched[]> {
    const { reader, clock } = this.#parts;
    const found =
      call.name === ''
        ? await reader.list(call, token, signal)
        : [await reader.get(call, token, signal)];
    return found.map((object) => ({ object, at: clock.now() }));
  }

  /** What the selectors chose before and do not now is gone, or no longer like that. */
  async #keep(call: Call, { user }: Asker, found: readonly Fetched[]): Promise<void> {
    const { kept } = this.#parts;
    const read = new Map(found.map((one) => [placeOf(call, one), one]));
    await this.#attempt(async () => {
      const before = await kept.at(user, placeAsked(call));
      const selects = selectionOf(call);
      const stale = before.filter((one) => selects(shown(call.resource, one)));
      const gone = stale.map((one) => placeOf(call, one)).filter((at) => !read.has(at));
      await kept.forget(user, gone);
      await kept.keep(user, read);
    });
  }

  async #kept(call: Call, { user }: Asker, error: unknown): Promise<Held[]> {
    const { kept, clock } = this.#parts;
    const found = await kept.at(user, placeAsked(call));
    const version = apiVersionOf(call.resource);
    const same = found.filter(({ object }) => object.apiVersion === version);
    const selects = selectionOf(call);
    const held = same.map((one) => [shown(call.resource, one), one.at] as const);
    const selected = held.filter(([one]) => selects(one));
    const age = humanDuration(clock.now() - Math.min(...selected.map(([, at]) => at)));
    if (selected.length > 0)
      warn(
        call,
        `${messageOf(error)}: what this node does not hold is shown as read up to ${age} ago`,
      );
    return selected.map(([one]) => one);
  }

  /** What may not be read any more, or is not there any more, is not kept either. */
  async #revoke(call: Call, { user }: Asker, error: unknown): Promise<void> {
    if (!(error instanceof HubRefused)) return;
    if (error.why !== 'kube.forbidden' && error.why !== 'kube.not-found') return;
    await this.#attempt(() => this.#parts.kept.forget(user, [placeAsked(call)]));
  }

  /** A disk that refuses it keeps nobody from reading. */
  async #attempt(act: () => Promise<void>): Promise<void> {
    await act().catch((error: unknown) =>
      this.#parts.log.warn({ code: codeOf(error) }, 'what was fetched is not kept'),
    );
  }
}

/** A node says of its own kinds what it holds: what it cannot be told of elsewhere is not here. */
function asNotFound(call: Call, error: unknown): unknown {
  if (!(error instanceof StatusError) || ![403, 503].includes(error.status)) return error;
  const { status, reason, message, details = {} } = notFound(subjectOf(call), call.name);
  return new StatusError({ status, reason, message: `${message} here: ${error.message}`, details });
}

/** All that the selectors choose: a list that is put together has one page. */
function heldOf(view: HeldView, call: Call): readonly Held[] {
  const query = new URLSearchParams(call.query);
  for (const name of ['limit', 'continue', 'resourceVersion', 'resourceVersionMatch'])
    query.delete(name);
  return selectList(view, { ...call, query }).items;
}

function placeAsked(call: Call): Place {
  const { resource, namespace, name } = keyOf(call);
  if (name !== '') return `${resource}/${namespace}/${name}`;
  return namespace === '' ? `${resource}/` : `${resource}/${namespace}/`;
}

function placeOf({ resource: { storage } }: Call, { object: { metadata } }: Fetched): Place {
  return `${storage}/${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

/** Headers bear no other characters. */
function warn(call: Call, text: string): void {
  call.warnings.push(printableLine(text).replaceAll(/[^\u0020-\u007e]/g, '?'));
}
