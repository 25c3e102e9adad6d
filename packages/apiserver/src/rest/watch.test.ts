import { ManualClock, settle as settled } from '@skerry/shared/testing/manual-clock';
import { silentLog } from '@skerry/shared/log';
import { describe, expect, it } from 'vitest';
import { builtins } from '../registry/builtins.ts';
import { Registry } from '../registry/registry.ts';
import { temporaryStore } from '../testing/temporary-store.ts';
import type { WatchFrame } from './answer.ts';
import type { Call, RestParts } from './call.ts';
import { bookmarkEveryMs, watch } from './watch.ts';

const registry = new Registry(builtins);

function partsOf(store: RestParts['store'], clock = new ManualClock()): RestParts {
  return { store, registry, clock, random: () => 0.5, log: silentLog };
}

function callOf(query: string): Call {
  const resource = registry.find('', 'v1', 'configmaps');
  if (!resource) throw new Error('no such resource');
  return {
    resource,
    subresource: undefined,
    namespace: 'default',
    name: '',
    query: new URLSearchParams(query),
    body: undefined,
    user: { name: 'test', groups: [] },
    userAgent: 'test',
    warnings: [],
  };
}

async function put(
  parts: RestParts,
  name: string,
  labels: Record<string, string> = {},
): Promise<number> {
  const key = { resource: 'configmaps', namespace: 'default', name };
  const metadata = { name, namespace: 'default', labels };
  const held = await parts.store.change(key, () => ({
    do: 'put',
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata },
  }));
  return held?.revision ?? 0;
}

function told(frame: WatchFrame): string {
  switch (frame.type) {
    case 'BOOKMARK':
      return `BOOKMARK ${frame.revision}${frame.initial ? ' initial' : ''}`;
    case 'ERROR':
      return `ERROR ${frame.error.status}`;
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return `${frame.type} ${frame.held.name}@${frame.held.revision}`;
  }
}

/** What a watch tells, as it tells it. */
class Watching {
  readonly #over = new AbortController();
  readonly lines: string[] = [];
  readonly ended: Promise<void>;

  constructor(parts: RestParts, query: string) {
    this.ended = this.#run(parts, query);
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.ended;
  }

  async #run(parts: RestParts, query: string): Promise<void> {
    const answer = watch(parts, callOf(query));
    if (answer.type !== 'watch') throw new Error('no watch');
    for await (const batch of answer.frames(this.#over.signal))
      for (const frame of batch) this.lines.push(told(frame));
  }
}

describe('watch', () => {
  it('begins with the state when no version is given', async () => {
    await using temporary = await temporaryStore();
    const parts = partsOf(temporary.store);
    const a = await put(parts, 'a');
    const watching = new Watching(parts, '');
    await settled();
    const b = await put(parts, 'b');
    await settled();
    expect(watching.lines).toEqual([`ADDED a@${a}`, `ADDED b@${b}`]);
    await watching.stop();
  });

  it('shows what enters and leaves a selector as added and deleted', async () => {
    await using temporary = await temporaryStore();
    const parts = partsOf(temporary.store);
    const from = parts.store.revision;
    const one = await put(parts, 'a');
    const two = await put(parts, 'a', { on: 'yes' });
    const three = await put(parts, 'a', { on: 'yes', more: '1' });
    const four = await put(parts, 'a', { on: 'no' });
    const watching = new Watching(parts, `resourceVersion=${from}&labelSelector=on%3Dyes`);
    await settled();
    expect(one).toBeLessThan(two);
    expect(watching.lines).toEqual([`ADDED a@${two}`, `MODIFIED a@${three}`, `DELETED a@${four}`]);
    await watching.stop();
  });

  it('ends the state it begins with by a bookmark, when asked', async () => {
    await using temporary = await temporaryStore();
    const parts = partsOf(temporary.store);
    const a = await put(parts, 'a');
    const query = 'allowWatchBookmarks=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
    const watching = new Watching(parts, query);
    await settled();
    expect(watching.lines).toEqual([`ADDED a@${a}`, `BOOKMARK ${a} initial`]);
    await watching.stop();
  });

  it('says every minute how far it has come, also past what it does not show', async () => {
    await using temporary = await temporaryStore();
    const clock = new ManualClock();
    const parts = partsOf(temporary.store, clock);
    const from = parts.store.revision;
    const query = `resourceVersion=${from}&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dnone`;
    const watching = new Watching(parts, query);
    await settled();
    const a = await put(parts, 'a');
    await clock.advance(bookmarkEveryMs);
    await clock.advance(bookmarkEveryMs);
    expect(watching.lines).toEqual([`BOOKMARK ${a}`, `BOOKMARK ${a}`]);
    await watching.stop();
  });

  it('ends after the time the client gives it', async () => {
    await using temporary = await temporaryStore();
    const clock = new ManualClock();
    const parts = partsOf(temporary.store, clock);
    const watching = new Watching(parts, 'timeoutSeconds=5');
    await clock.advance(5000);
    await watching.ended;
    expect(watching.lines).toEqual([]);
  });

  it('answers 410 for a version that is forgotten, or of another history', async () => {
    await using temporary = await temporaryStore();
    const parts = partsOf(temporary.store);
    for (const version of ['1', String(parts.store.revision + 1000)]) {
      const watching = new Watching(parts, `resourceVersion=${version}`);
      await watching.ended;
      expect(watching.lines).toEqual(['ERROR 410']);
    }
  });

  it('answers 410 to a watcher so slow that the history has overtaken it', async () => {
    await using temporary = await temporaryStore({ events: 5, bytes: 1_000_000 });
    const parts = partsOf(temporary.store);
    const answer = watch(parts, callOf(`resourceVersion=${parts.store.revision}`));
    if (answer.type !== 'watch') throw new Error('no watch');
    const frames = answer.frames(new AbortController().signal);
    await put(parts, 'a');
    await frames.next(); // and then it is busy with that
    for (let n = 0; n < 20; n++) await put(parts, 'a', { n: String(n) });
    const { value } = await frames.next();
    expect((value ?? []).map(told)).toEqual(['ERROR 410']);
  });
});
