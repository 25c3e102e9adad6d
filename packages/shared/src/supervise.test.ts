import { describe, expect, it } from 'vitest';
import { aborted, supervise, whenAborted } from './supervise.ts';

describe('supervise', () => {
  it('ends in peace when its signal aborts', async () => {
    const stop = new AbortController();
    const ended: string[] = [];
    const running = supervise(stop.signal, {
      a: async (signal) => {
        await aborted(signal);
        ended.push('a');
      },
      b: (signal) => aborted(signal).then(() => signal.throwIfAborted()),
    });
    stop.abort();
    await running;
    expect(ended).toEqual(['a']);
  });

  it('ends the siblings of a part that fails, and rethrows its error', async () => {
    let sibling = 'running';
    const running = supervise(new AbortController().signal, {
      bad: () => Promise.reject(new Error('broken')),
      good: async (signal) => {
        await aborted(signal);
        sibling = 'ended';
      },
    });
    await expect(running).rejects.toThrow('broken');
    expect(sibling).toBe('ended');
  });

  it('ends the siblings of a part that returns', async () => {
    await supervise(new AbortController().signal, {
      short: () => Promise.resolve(),
      long: aborted,
    });
  });
});

describe('whenAborted', () => {
  it('acts at once when the signal has aborted already, and not at all when called off', () => {
    let acted = 0;
    const stop = new AbortController();
    {
      using _ = whenAborted(stop.signal, () => acted++);
    }
    stop.abort();
    expect(acted).toBe(0);
    using _ = whenAborted(stop.signal, () => acted++);
    expect(acted).toBe(1);
  });
});
