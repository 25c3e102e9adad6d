import { describe, expect, it } from 'vitest';
import { EventTally, type Told } from './event-tally.ts';

const second = 1000;
const minute = 60 * second;

function teller(): (whom: string, what: string, atMs: number) => Told | undefined {
  const tally = new EventTally();
  let names = 0;
  return (whom, what, atMs) => tally.note(whom, what, atMs, () => `event-${++names}`);
}

describe('EventTally', () => {
  it('counts what is said again, under the name of the first time', () => {
    const tell = teller();
    expect(tell('web', 'ill', 0)).toMatchObject({ name: 'event-1', count: 1, firstAt: 0 });
    expect(tell('web', 'ill', second)).toMatchObject({ name: 'event-1', count: 2, firstAt: 0 });
    expect(tell('web', 'well', second)).toMatchObject({ name: 'event-2', count: 1 });
    expect(tell('db', 'ill', second)).toMatchObject({ name: 'event-3', count: 1 });
  });

  it('tells as new what has not been said for long', () => {
    const tell = teller();
    tell('web', 'ill', 0);
    expect(tell('web', 'ill', 10 * minute)).toMatchObject({ name: 'event-2', count: 1 });
  });

  it('tells fewer and fewer repetitions, loses no count, and always tells what is new', () => {
    const tell = teller();
    const told = Array.from({ length: 600 }, (_, n) => tell('web', 'ill', n * second)).filter(
      (one) => one !== undefined,
    );
    expect(told).toHaveLength(1 + 25 + 1); // the first, the burst, and one after five minutes
    expect(told.at(-1)?.count).toBeGreaterThan(250);
    expect(tell('web', 'restarted', 600 * second)).toMatchObject({ count: 1 });
    expect(tell('db', 'ill', 600 * second)).toMatchObject({ count: 1 });
  });

  it('forgets rather than grows', () => {
    const tell = teller();
    tell('web', 'ill', 0);
    for (let n = 0; n < 5000; n++) tell('web', `other ${n}`, 0);
    expect(tell('web', 'ill', second)).toMatchObject({ count: 1 });
  });
});
