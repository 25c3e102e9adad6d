import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Collection } from './collection.ts';
import { Held } from './held.ts';

it('lists what it holds by namespace, then name, whatever the order of the changes', () => {
  const step = fc.record({
    namespace: fc.constantFrom('a', 'a-b', 'a.b', 'b'),
    name: fc.constantFrom('x', 'x-1', 'y', 'z'),
    remove: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const collection = new Collection();
      const expected = new Map<string, Held>();
      for (const [revision, { namespace, name, remove }] of steps.entries()) {
        const held = new Held({ resource: 'pods', namespace, name }, revision, new Uint8Array());
        if (remove) expected.delete(held.id);
        else expected.set(held.id, held);
        if (remove) collection.remove(held.id);
        else collection.put(held);
      }
      const sorted = [...expected.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
      expect(collection.list()).toEqual(sorted);
      expect(collection.size).toBe(sorted.length);
      for (const namespace of ['a', 'a-b', 'a.b', 'b', 'none'])
        expect(collection.list(namespace)).toEqual(
          sorted.filter((held) => held.namespace === namespace),
        );
    }),
  );
});
