import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { step, type SessionEvent, type SessionPhase } from './machine.ts';

function run(...events: SessionEvent[]): SessionPhase {
  return events.reduce(step, { phase: 'greeting' });
}

describe('session machine', () => {
  it('streams at once when ledger and edge agree and nothing is missing', () => {
    expect(run({ type: 'agreed', missing: 0 })).toEqual({ phase: 'streaming' });
  });

  it('compares, resyncs, then streams when they do not', () => {
    expect(run({ type: 'asked' })).toEqual({ phase: 'comparing' });
    expect(run({ type: 'asked' }, { type: 'compared', missing: 3 })).toEqual({
      phase: 'resyncing',
      left: 3,
    });
    const settled: SessionEvent[] = [
      { type: 'settled', count: 2 },
      { type: 'settled', count: 1 },
    ];
    expect(run({ type: 'asked' }, { type: 'compared', missing: 3 }, ...settled)).toEqual({
      phase: 'streaming',
    });
  });

  it.each<[string, SessionEvent[]]>([
    ['an ack before hello', [{ type: 'settled', count: 1 }]],
    ['an ack while comparing', [{ type: 'asked' }, { type: 'settled', count: 1 }]],
    [
      'a second hello',
      [
        { type: 'agreed', missing: 0 },
        { type: 'agreed', missing: 0 },
      ],
    ],
    [
      'held without a request',
      [
        { type: 'agreed', missing: 1 },
        { type: 'compared', missing: 0 },
      ],
    ],
  ])('takes %s for a violation', (_name, events) => {
    expect(run(...events)).toEqual({ phase: 'closed', why: 'session.protocol' });
  });

  it('keeps its first reason, whatever comes after the end', () => {
    const event = fc.oneof(
      fc.record({ type: fc.constant('agreed' as const), missing: fc.nat(3) }),
      fc.record({ type: fc.constant('asked' as const) }),
      fc.record({ type: fc.constant('settled' as const), count: fc.nat(3) }),
      fc.record({ type: fc.constant('end' as const), why: fc.constant('session.broken' as const) }),
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        expect(run({ type: 'end', why: 'session.silent' }, ...events)).toEqual({
          phase: 'closed',
          why: 'session.silent',
        });
      }),
    );
  });
});
