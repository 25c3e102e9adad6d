import { ConnectionFailed } from '@skerry/shared/socket';
import { describe, expect, it } from 'vitest';
import { LinkBroken } from './link-errors.ts';
import { Redial } from './redial.ts';

const limits = { firstMs: 500, maxMs: 30_000, unreachableMaxMs: 2_000 };
const nobody = new ConnectionFailed('connect ECONNREFUSED', { answered: false });
const turnedAway = new ConnectionFailed('Unexpected server response: 401', { answered: true });

function bounds(error: unknown, count: number): number[] {
  const redial = new Redial(limits, () => 1);
  return Array.from({ length: count }, () => redial.after(error));
}

describe('redial', () => {
  it('stays near while nobody answers', () => {
    expect(bounds(nobody, 5)).toEqual([500, 1_000, 2_000, 2_000, 2_000]);
  });

  it('gives more and more time to a hub that answers and does not take us in', () => {
    expect(bounds(turnedAway, 8)).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
  });

  it('starts afresh once a hub has taken us in', () => {
    const redial = new Redial(limits, () => 1);
    for (let i = 0; i < 9; i++) redial.after(turnedAway);
    redial.welcomed();
    expect(redial.after(new LinkBroken('cut'))).toBe(500);
  });

  it('spreads every delay from nothing to its bound', () => {
    const share = new Redial(limits, () => 0.5);
    expect(share.after(nobody)).toBe(250);
    expect(new Redial(limits, () => 0).after(nobody)).toBe(0);
  });
});
