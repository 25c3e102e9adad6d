import { silentLog } from '@skerry/shared/log';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { aborted } from '@skerry/shared/supervise';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../kube/kube-errors.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { holdMs, oneHub, renewMs } from './one-hub.ts';

let kube: FakeKube;
let clock: ManualClock;
let hubs: Hub[];
/** Who works now. */
let working: Set<string>;
/** How many ever worked at one time. */
let most: number;

/** A hub whose way to the API can be cut. */
class Hub {
  cut = false;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(identity: string) {
    const passing =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        this.cut ? Promise.reject(new Unavailable('cut')) : call(...args);
    const api = {
      get: passing(kube.get.bind(kube)),
      create: passing(kube.create.bind(kube)),
      update: passing(kube.update.bind(kube)),
    };
    const work = async (signal: AbortSignal): Promise<void> => {
      working.add(identity);
      most = Math.max(most, working.size);
      await aborted(signal);
      working.delete(identity);
    };
    const parts = { api, name: 'x', identity, clock, log: silentLog };
    this.#running = oneHub(parts, work, this.#stop.signal).catch(() => undefined);
    hubs.push(this);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

const pass = async (ms: number): Promise<void> => {
  for (let left = ms; left > 0; left -= 500) await clock.advance(500);
};

beforeEach(() => {
  kube = new FakeKube();
  clock = new ManualClock();
  [hubs, working, most] = [[], new Set(), 0];
});
afterEach(async () => {
  for (const hub of hubs) hub.cut = false;
  await Promise.all(hubs.map((hub) => hub.end()));
});

describe('what one hub does at a time', () => {
  it('is done by one of several, also if they begin together, and by another at once when that ends', async () => {
    const first = new Hub('a');
    const others = [new Hub('b'), new Hub('c')];
    await settle();
    await pass(3 * holdMs);
    expect([...working]).toEqual(['a']);
    await first.end();
    await pass(renewMs);
    expect(working.size).toBe(1);
    expect(others).toHaveLength(2);
    expect(most).toBe(1);
  });

  it('is taken over from a hub that is lost, once it has certainly ended', async () => {
    const first = new Hub('a');
    await settle();
    new Hub('b');
    await pass(renewMs);
    first.cut = true;
    await pass(2 * holdMs);
    expect([...working]).toEqual(['b']);
    first.cut = false;
    await pass(holdMs);
    expect([...working]).toEqual(['b']);
    expect(most).toBe(1);
  });

  it('goes on where the API is away for a moment, and with the same hub after a restart', async () => {
    const first = new Hub('a');
    await settle();
    first.cut = true;
    await pass(renewMs);
    first.cut = false;
    await pass(holdMs);
    expect([...working]).toEqual(['a']);
    first.cut = true; // it is gone without a word
    await first.end();
    new Hub('b');
    new Hub('a');
    await settle();
    await clock.advance(0);
    expect([...working]).toEqual(['a']);
    expect(most).toBe(1);
  });

  it('waits for an API that does not answer at its beginning', async () => {
    kube.fault = () => new Unavailable('not yet');
    new Hub('a');
    await pass(renewMs);
    expect(working.size).toBe(0);
    kube.fault = () => undefined;
    await pass(renewMs);
    expect([...working]).toEqual(['a']);
  });
});
