import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyOf } from '@skerry/shared/testing/changes';
import { World } from './world.ts';

/** One thing that happens; the names are few, so that objects are deleted, made again and replaced. */
const happening = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('write' as const), name: fc.nat(6) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), name: fc.nat(6) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('place' as const),
      name: fc.nat(6),
      placed: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('turn' as const),
      times: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('restart hub' as const), wipe: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('restart edge' as const), wipe: fc.boolean() }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;

async function happen(world: World, event: Happening): Promise<void> {
  switch (event.do) {
    case 'write': {
      world.write(`o${event.name}`);
      return;
    }
    case 'remove': {
      world.remove(`o${event.name}`);
      return;
    }
    case 'place':
      world.place(`o${event.name}`, event.placed);
      return;
    case 'turn':
      for (let i = 0; i < event.times; i++) await new Promise((resolve) => setTimeout(resolve, 1));
      return;
    case 'cut': {
      world.cut();
      return;
    }
    case 'restart hub':
      await world.stopHub();
      world.remove('o0'); // deleted while the hub is down
      world.write('o1');
      if (event.wipe) await world.wipe('hub');
      return world.startHub();
    case 'restart edge':
      await world.stopEdge();
      world.remove('o2');
      world.write('o3');
      world.place('o4', false);
      world.place('o5', true);
      if (event.wipe) await world.wipe('edge');
      return world.startEdge();
  }
}

async function untilEqual(world: World): Promise<void> {
  await vi.waitFor(() => expect(world.equal()).toBe(true), { timeout: 10_000, interval: 2 });
}

describe('the relay', () => {
  it('makes the edge equal to the cluster, whatever is cut, killed or wiped (G1, G2)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 40 }), async (script) => {
        const world = await World.make();
        try {
          for (const event of script) await happen(world, event);
          await untilEqual(world);
        } finally {
          await world.dispose();
        }
      }),
      { numRuns: 40, interruptAfterTimeLimit: 45_000 },
    );
  });

  describe('between a hub and an edge', () => {
    let world: World;
    beforeEach(async () => {
      world = await World.make();
    });
    afterEach(() => world.dispose());

    it('sends nothing again that was acknowledged, after either side restarted', async () => {
      for (let i = 0; i < 10; i++) world.write(`o${i}`);
      await untilEqual(world);
      await vi.waitFor(() =>
        expect(world.hub?.sessions.views()[0]).toMatchObject({ phase: 'streaming', inflight: 0 }),
      );
      const before = world.delivered;
      await world.stopHub();
      await world.startHub();
      await vi.waitFor(() => expect(world.hub?.sessions.views()[0]?.phase).toBe('streaming'));
      await world.stopEdge();
      await world.startEdge();
      world.write('another');
      await untilEqual(world);
      expect(world.delivered).toBe(before + 1);
    });

    it('costs one exchange and no object when the ledger is lost', async () => {
      for (let i = 0; i < 10; i++) world.write(`o${i}`);
      await untilEqual(world);
      const before = world.delivered;
      await world.stopHub();
      await world.wipe('hub');
      await world.startHub();
      world.write('another');
      await untilEqual(world);
      expect(world.delivered).toBe(before + 1);
    });

    it('brings a deleted and remade object back under its new uid', async () => {
      world.write('o');
      await untilEqual(world);
      world.cut();
      world.remove('o');
      world.write('o');
      await untilEqual(world);
      expect(await world.edge?.meta.get(keyOf('o'))).toMatchObject({ uid: 'u2' });
    });

    it('acts on a change only after it is durable', async () => {
      world.write('o');
      await vi.waitFor(() => expect(world.edge?.woken).toEqual([keyOf('o')]));
      expect(await world.edge?.meta.get(keyOf('o'))).toBeDefined();
    });

    it('delivers reports made while the hub was down, in order (G4)', async () => {
      await world.stopHub();
      const text = new TextEncoder();
      for (const name of ['one', 'two', 'three'])
        await world.edge?.reports.report({
          class: 'event',
          key: keyOf(name),
          payload: text.encode(name),
        });
      await world.startHub();
      await vi.waitFor(() => expect(world.edge?.reports.size).toBe(0), { timeout: 5_000 });
      expect(world.cluster.accepted.map(({ key }) => key)).toEqual(
        ['one', 'two', 'three'].map(keyOf),
      );
    });
  });
});
