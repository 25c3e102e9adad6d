import { settle as settled } from '@skerry/shared/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { restBench, type RestBench } from '../testing/rest-bench.ts';
import type { Answer, WatchFrame } from './answer.ts';
import { bookmarkEveryMs, watch } from './watch.ts';

async function put(
  { parts }: RestBench,
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

function watchOf(bench: RestBench, query: string): Answer & { type: 'watch' } {
  const answer = watch(bench.parts, bench.call({ resource: 'configmaps', query }));
  if (answer.type !== 'watch') throw new Error('no watch');
  return answer;
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

  constructor(bench: RestBench, query: string) {
    this.ended = this.#run(bench, query);
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.ended;
  }

  async #run(bench: RestBench, query: string): Promise<void> {
    for await (const batch of watchOf(bench, query).frames(this.#over.signal))
      for (const frame of batch) this.lines.push(told(frame));
  }
}

describe('watch', () => {
  it('begins with the state when no version is given', async () => {
    await using bench = await restBench();
    const a = await put(bench, 'a');
    const watching = new Watching(bench, '');
    await settled();
    const b = await put(bench, 'b');
    await settled();
    expect(watching.lines).toEqual([`ADDED a@${a}`, `ADDED b@${b}`]);
    await watching.stop();
  });

  it('shows what enters and leaves a selector as added and deleted', async () => {
    await using bench = await restBench();
    const from = bench.parts.store.revision;
    const one = await put(bench, 'a');
    const two = await put(bench, 'a', { on: 'yes' });
    const three = await put(bench, 'a', { on: 'yes', more: '1' });
    const four = await put(bench, 'a', { on: 'no' });
    const watching = new Watching(bench, `resourceVersion=${from}&labelSelector=on%3Dyes`);
    await settled();
    expect(one).toBeLessThan(two);
    expect(watching.lines).toEqual([`ADDED a@${two}`, `MODIFIED a@${three}`, `DELETED a@${four}`]);
    await watching.stop();
  });

  it('ends the state it begins with by a bookmark, when asked', async () => {
    await using bench = await restBench();
    const a = await put(bench, 'a');
    const query = 'allowWatchBookmarks=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
    const watching = new Watching(bench, query);
    await settled();
    expect(watching.lines).toEqual([`ADDED a@${a}`, `BOOKMARK ${a} initial`]);
    await watching.stop();
  });

  it('says every minute how far it has come, also past what it does not show', async () => {
    await using bench = await restBench();
    const { clock } = bench.parts;
    const from = bench.parts.store.revision;
    const query = `resourceVersion=${from}&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dnone`;
    const watching = new Watching(bench, query);
    await settled();
    const a = await put(bench, 'a');
    await clock.advance(bookmarkEveryMs);
    await clock.advance(bookmarkEveryMs);
    expect(watching.lines).toEqual([`BOOKMARK ${a}`, `BOOKMARK ${a}`]);
    await watching.stop();
  });

  it('goes on quietly where bookmarks are not wanted', async () => {
    await using bench = await restBench();
    const watching = new Watching(bench, '');
    await bench.parts.clock.advance(3 * bookmarkEveryMs);
    expect(watching.lines).toEqual([]);
    const a = await put(bench, 'a');
    await settled();
    expect(watching.lines).toEqual([`ADDED a@${a}`]);
    await watching.stop();
  });

  it('ends after the time the client gives it', async () => {
    await using bench = await restBench();
    const { clock } = bench.parts;
    const watching = new Watching(bench, 'timeoutSeconds=5');
    await clock.advance(5000);
    await watching.ended;
    expect(watching.lines).toEqual([]);
  });

  it('answers 410 for a version that is forgotten, or of another history', async () => {
    await using bench = await restBench();
    for (const version of ['1', String(bench.parts.store.revision + 1000)]) {
      const watching = new Watching(bench, `resourceVersion=${version}`);
      await watching.ended;
      expect(watching.lines).toEqual(['ERROR 410']);
    }
  });

  it('answers 410 to a watcher so slow that the history has overtaken it', async () => {
    await using bench = await restBench({ events: 5, bytes: 1_000_000 });
    const query = `resourceVersion=${bench.parts.store.revision}`;
    const frames = watchOf(bench, query).frames(new AbortController().signal);
    await put(bench, 'a');
    await frames.next(); // and then it is busy with that
    for (let n = 0; n < 20; n++) await put(bench, 'a', { n: String(n) });
    const { value } = await frames.next();
    expect((value ?? []).map(told)).toEqual(['ERROR 410']);
  });
});
