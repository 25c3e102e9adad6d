import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AcksInOrder } from './acks-in-order.ts';

describe('acknowledgements', () => {
  it('leave in the order of their messages, once, and none before it is settled', () => {
    const steps = fc.array(fc.tuple(fc.nat(7), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (script) => {
        const acks = new AcksInOrder();
        const sent: number[] = [];
        const settled = new Set<number>();
        const asked = new Set<number>();
        const expected = Array.from({ length: 8 }, () => acks.expect());
        for (const [at, isSettled] of script) {
          const known = isSettled ? settled : asked;
          if (known.has(at)) continue;
          known.add(at);
          if (isSettled) expected[at]?.settled();
          else expected[at]?.acknowledge(() => sent.push(at));
        }
        const ready = expected.findIndex((_, at) => !settled.has(at) || !asked.has(at));
        const due = ready < 0 ? expected.length : ready;
        expect(sent).toEqual(Array.from({ length: due }, (_, at) => at));
      }),
    );
  });
});
