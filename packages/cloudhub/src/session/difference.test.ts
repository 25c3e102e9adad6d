import type { Change, HeldVersion } from '@skerry/shared/change';
import { nodeName, version, type Version } from '@skerry/shared/names';
import { HeldSet } from '@skerry/shared/delivery/held-set';
import { keyOf, madeChange, madeTombstone } from '@skerry/shared/testing/changes';
import { describe, expect, it } from 'vitest';
import { contradicts, difference, type Holding, type Needs } from './difference.ts';

const node = nodeName('edge-1');

function cluster(
  needed: readonly Change[],
  elsewhere: readonly Change[] = [],
  progress = '100',
): Needs {
  return {
    needs: () => needed,
    find: (key) => [...needed, ...elsewhere].find((change) => change.key === key),
    progressOf: () => version(progress),
    whenSynced: Promise.resolve(),
  };
}

function holding(...held: HeldVersion[]): Holding {
  const set = new HeldSet(held);
  return { get: (key) => set.get(key), entries: () => set.values() };
}

describe('contradicts', () => {
  it('tells what the cluster never had from what the hub has not seen yet', () => {
    const past = holding(madeChange('a', 5), madeChange('gone', 7));
    expect(contradicts(cluster([madeChange('a', 5)]), past)).toBe(false);
    expect(contradicts(cluster([madeChange('a', 9)]), past)).toBe(false);
    expect(contradicts(cluster([madeChange('a', 4)]), past)).toBe(true);
    expect(contradicts(cluster([madeChange('a', 4)], [], '4'), past)).toBe(false);
  });
});

describe('difference', () => {
  it('is empty between equals', () => {
    expect(difference(cluster([madeChange('a', 5)]), node, holding(madeChange('a', 5)))).toEqual(
      [],
    );
  });

  it('sends what is lacking, older or of another uid', () => {
    const [lacking, newer] = [madeChange('a', 5), madeChange('b', 6)];
    const remade = { ...madeChange('c', 7), uid: 'another' as Change['uid'] };
    const held = holding(madeChange('b', 4), madeChange('c', 3));
    expect(difference(cluster([lacking, newer, remade]), node, held)).toEqual([
      { change: lacking, lane: 'urgent' },
      { change: newer, lane: 'bulk' },
      { change: remade, lane: 'bulk' },
    ]);
  });

  it('buries what the cluster no longer has, at the version up to which it was seen', () => {
    const [gone] = difference(cluster([], [], '42'), node, holding(madeChange('a', 5)));
    expect(gone).toEqual({
      change: { ...madeTombstone('a', 42), withdrawn: false },
      lane: 'urgent',
    });
  });

  it('withdraws what lives on elsewhere, at the version that the node holds', () => {
    const [gone] = difference(cluster([], [madeChange('a', 9)]), node, holding(madeChange('a', 5)));
    expect(gone?.change).toEqual({ ...madeTombstone('a', 5), withdrawn: true });
  });

  it('leaves room for a successor that the node may come to need', () => {
    const remade = { ...madeChange('a', 9), uid: 'another' as Change['uid'] };
    const [gone] = difference(cluster([], [remade]), node, holding(madeChange('a', 5)));
    expect(gone?.change).toEqual({ ...madeTombstone('a', 5), withdrawn: true });
  });

  it('does not take a successor from a node that this hub has not seen', () => {
    const before = { ...madeChange('a', 3), uid: 'another' as Change['uid'] };
    const [late] = difference(cluster([], [before], '4'), node, holding(madeChange('a', 5)));
    expect(late?.change).toEqual({ ...madeTombstone('a', 4), withdrawn: false });
  });

  it('does not send an older state to a node that knows more than this hub', () => {
    expect(difference(cluster([madeChange('a', 5)]), node, holding(madeChange('a', 6)))).toEqual(
      [],
    );
    const [late] = difference(cluster([], [], '4'), node, holding(madeChange('a', 6)));
    expect(late?.change.version).toBe(4n as Version);
    expect(late?.change.key).toBe(keyOf('a'));
  });
});
