import { silentLog } from '@skerry/shared/log';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { aborted } from '@skerry/shared/supervise';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceUnreachable, type DeviceConnection } from './mapper.ts';
import { SupervisedMapper } from './supervised-mapper.ts';

/** A device whose connection the test cuts. */
class Peer {
  connects = 0;
  closes = 0;
  reachable = true;
  readonly written: string[] = [];
  #cut: (() => void) | undefined;

  connect(): Promise<DeviceConnection> {
    this.connects += 1;
    if (!this.reachable) return Promise.reject(new DeviceUnreachable('nobody there'));
    const lost = new Promise<void>((_resolve, reject) => {
      this.#cut = () => reject(new DeviceUnreachable('cut'));
    });
    return Promise.resolve({
      subscribe: (_sink, signal) => Promise.race([lost, aborted(signal)]),
      write: (property, value) => {
        this.written.push(`${property}=${value}`);
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => {
        this.closes += 1;
        return Promise.resolve();
      },
    });
  }

  cut(): void {
    this.#cut?.();
  }
}

describe('supervised mapper', () => {
  const stop = { controller: new AbortController() };
  let clock: ManualClock;
  let peer: Peer;
  let mapper: SupervisedMapper;
  let running: Promise<void>;

  beforeEach(async () => {
    clock = new ManualClock();
    peer = new Peer();
    stop.controller = new AbortController();
    mapper = new SupervisedMapper({
      mapper: peer,
      sink: () => Promise.resolve(),
      clock,
      random: () => 0.5,
      log: silentLog,
    });
    running = mapper.run(stop.controller.signal);
    await settle();
  });

  afterEach(async () => {
    stop.controller.abort();
    await running;
  });

  it('writes through the connection it has', async () => {
    await mapper.write('t', '25', stop.controller.signal);
    expect(peer.written).toEqual(['t=25']);
  });

  it('connects again after a cut, and has closed the old connection', async () => {
    peer.cut();
    await settle();
    expect([peer.connects, peer.closes]).toEqual([1, 1]);
    await expect(mapper.write('t', '25', stop.controller.signal)).rejects.toThrow(
      DeviceUnreachable,
    );
    await clock.advance(500);
    expect(peer.connects).toBe(2);
    await mapper.write('t', '25', stop.controller.signal);
  });

  it('asks a device that is not there less and less often', async () => {
    peer.reachable = false;
    peer.cut();
    await clock.advance(10 * 60_000);
    expect(peer.connects).toBeLessThan(30);
    const before = peer.connects;
    await clock.advance(60_000);
    expect(peer.connects - before).toBe(2); // every 30 s: half of the longest delay
    peer.reachable = true;
    await clock.advance(60_000);
    peer.cut();
    await clock.advance(120_000);
    const again = peer.connects;
    peer.cut(); // it lasted a minute: the next delay is a short one again
    await clock.advance(500);
    expect(peer.connects).toBe(again + 1);
  });

  it('ends with its signal, its connection closed', async () => {
    stop.controller.abort();
    await running;
    expect(peer.closes).toBe(1);
  });
});
