import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { beforeEach, describe, expect, it } from 'vitest';
import { Contact } from './contact.ts';

const minute = 60_000;

describe('Contact', () => {
  let store: MemoryStore;
  let clock: ManualClock;
  beforeEach(() => {
    store = new MemoryStore();
    clock = new ManualClock();
  });

  it('begins with the first start of a node that has never been connected', async () => {
    expect((await Contact.open(store, clock)).since).toBe(clock.now());
  });

  it('tells when it is lost and when it is back, and no attempt between', async () => {
    const contact = await Contact.open(store, clock);
    const heard: (number | undefined)[] = [];
    contact.listen(() => heard.push(contact.since));
    contact.down();
    contact.up();
    await clock.advance(minute);
    contact.down();
    const lostAt = clock.now();
    await clock.advance(minute);
    contact.down();
    expect(heard).toEqual([undefined, lostAt]);
  });

  it('is remembered over a crash, to the minute', async () => {
    const contact = await Contact.open(store, clock);
    const stop = new AbortController();
    const running = contact.run(stop.signal);
    contact.up();
    await clock.advance(10 * minute);
    const lastNoted = clock.now();
    const crashed = await Contact.open(store, clock);
    await clock.advance(minute / 2);
    expect(crashed.since).toBe(lastNoted);
    contact.down();
    await clock.advance(5 * minute);
    const lostAt = contact.since;
    stop.abort();
    await running;
    expect((await Contact.open(store, clock)).since).toBe(lostAt);
  });

  it('does not believe a note from the future', async () => {
    const contact = await Contact.open(store, clock);
    const stop = new AbortController();
    const running = contact.run(stop.signal);
    contact.up();
    await clock.advance(minute);
    stop.abort();
    await running;
    clock.jump(Date.UTC(2020, 0, 1));
    expect((await Contact.open(store, clock)).since).toBe(clock.now());
  });
});
