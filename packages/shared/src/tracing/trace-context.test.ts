import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTraceContext, traceContext } from './trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('a trace context', () => {
  it('comes back as it went', () => {
    const context = traceContext({ traceId, spanId });
    expect(context).toBe(`00-${traceId}-${spanId}-01`);
    expect(parseTraceContext(context)).toEqual({ traceId, spanId });
  });

  it('is read of later versions, which may say more', () => {
    expect(parseTraceContext(`cc-${traceId}-${spanId}-03-more`)).toEqual({ traceId, spanId });
  });

  it.each([
    ['a trace that is not recorded', `00-${traceId}-${spanId}-00`],
    ['the version that is none', `ff-${traceId}-${spanId}-01`],
    ['no trace', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['no span', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['capitals', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['something behind', `00-${traceId}-${spanId}-011`],
    ['nothing', ''],
  ])('is none where it says %s', (_what, text) => {
    expect(parseTraceContext(text)).toBeUndefined();
  });

  it('is none of whatever else a peer may send', () => {
    fc.assert(fc.property(fc.string(), (text) => parseTraceContext(text) === undefined));
  });
});
