import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideField,
  isWritableField,
  readEdgeWrite,
  writeKey,
  type EdgeWrite,
} from './edge-write.ts';
import type { ObjectKey } from './names.ts';

const value = fc.constantFrom<string | null>('a', 'b', 'c', null);

describe('a write at an edge', () => {
  it('stands where nobody else wrote meanwhile, and never over what somebody did', () => {
    fc.assert(
      fc.property(value, value, value, (now, to, over) => {
        const decision = decideField(now, { to, over });
        if (decision === 'write') expect(now).toBe(over);
        if (decision === 'lose') expect([to, over]).not.toContain(now);
        if (decision === 'done') expect(now).toBe(to);
      }),
    );
  });

  it('is done when it comes again after it was written', () => {
    fc.assert(
      fc.property(value, value, (to, over) => {
        expect(decideField(over, { to, over })).toMatch(/write|done/);
        expect(decideField(to, { to, over })).toBe('done');
      }),
    );
  });

  it.each(['site', 'example.com/site', 'notkubernetes.io/x', 'edge.skerry.io/restarted-at'])(
    'may be of %s',
    (name) => expect(isWritableField(name)).toBe(true),
  );

  it.each(['kubernetes.io/x', 'node.kubernetes.io/x', 'app.k8s.io/x', 'edge.skerry.io/autonomy'])(
    'may not be of %s',
    (name) => expect(isWritableField(name)).toBe(false),
  );

  it('is read back as it was sent, and nothing else is one', () => {
    const write: EdgeWrite = {
      object: 'pods/default/web' as ObjectKey,
      uid: 'u1',
      labels: { site: { to: 'a', over: null } },
      annotations: {},
      deletion: { ended: false, graceSeconds: 5 },
    };
    expect(readEdgeWrite(JSON.parse(JSON.stringify(write)))).toEqual(write);
    expect(writeKey(write.object)).toBe('writes.edge.skerry.io/default/pods:web');
    const odd = [null, {}, { ...write, object: 'web' }, { ...write, labels: { site: 'a' } }];
    for (const payload of odd) expect(readEdgeWrite(payload)).toBeUndefined();
  });
});
