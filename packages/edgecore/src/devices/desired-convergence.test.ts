import {
  decideWish,
  readSettled,
  writeSettled,
  type EdgeWish,
  type SettledWish,
} from '@skerry/shared/devices/wish';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desire, lostWishes, openWishes, wish, type Twin } from './twin.ts';

const property = 'setpoint';

/** The Device as the API server has it. */
interface Spec {
  /** Another one where the Device was made again, or is another node's. */
  readonly life: number;
  readonly generation: number;
  readonly value: string;
  readonly annotation: string;
}

type Step =
  | { readonly do: 'write in the cloud'; readonly value: string }
  | { readonly do: 'write at the edge'; readonly value: string }
  | { readonly do: 'report' }
  | { readonly do: 'hub takes a report'; readonly nth: number }
  | { readonly do: 'deliver' }
  | { readonly do: 'move to another node' }
  | { readonly do: 'delete and make again' };

/** One property of one device, in the cloud and at the edge, and what is on its way between them. */
class World {
  spec: Spec = { life: 0, generation: 1, value: 'first', annotation: '{}' };
  twin: Twin = new Map();
  /** The life that the edge knows of. */
  #known = 0;
  /** Every report ever made: each may arrive late, again, or never. */
  readonly reports: { readonly life: number; readonly wishes: EdgeWish[] }[] = [];
  readonly lost: string[] = [];
  readonly decided: string[] = [];

  constructor() {
    this.deliver();
  }

  take(step: Step): void {
    switch (step.do) {
      case 'write in the cloud':
        this.#write(step.value, this.spec.annotation);
        return;
      case 'write at the edge':
        if (this.twin.get(property)?.desired?.value !== step.value)
          this.twin = wish(this.twin, property, { value: step.value }, 0);
        return;
      case 'report':
        this.reports.push({ life: this.#known, wishes: openWishes(this.twin) });
        return;
      case 'hub takes a report':
        this.#takeReport(step.nth);
        return;
      case 'deliver':
        this.deliver();
        return;
      case 'move to another node':
        this.spec = { ...this.spec, life: this.spec.life + 1 };
        return;
      case 'delete and make again':
        this.spec = { life: this.spec.life + 1, generation: 1, value: 'first', annotation: '{}' };
        this.decided.length = 0;
    }
  }

  /** One of another node, or of a Device that is gone, is refused. */
  #takeReport(nth: number): void {
    const { life, wishes } = this.reports[nth % this.reports.length] ?? { life: -1, wishes: [] };
    if (life === this.spec.life) for (const each of wishes) this.#decide(each);
  }

  deliver(): void {
    const settled = readSettled(this.spec.annotation);
    const { generation, value } = this.spec;
    const before: Twin = this.#known === this.spec.life ? this.twin : new Map();
    this.#known = this.spec.life;
    const values = new Map([[property, { value }]]);
    this.twin = desire(before, { generation, values, settled }, 0);
    this.lost.push(...lostWishes(before, this.twin, settled).map((each) => each.value));
  }

  #decide(each: EdgeWish): void {
    const settled = new Map(readSettled(this.spec.annotation));
    const { value } = this.spec;
    const decision = decideWish({ value, settled: settled.get(property) }, each);
    if (decision === 'settled') return;
    this.decided.push(`${each.version} ${decision}`);
    const { version } = each;
    const verdict: SettledWish =
      decision === 'write' ? { version, value: each.value } : { version };
    const annotation = writeSettled(settled.set(property, verdict));
    if (decision === 'write') this.#write(each.value, annotation);
    else this.spec = { ...this.spec, annotation };
  }

  #write(value: string, annotation: string): void {
    const generation = this.spec.generation + (value === this.spec.value ? 0 : 1);
    this.spec = { ...this.spec, generation, value, annotation };
  }
}

const values = fc.constantFrom('first', 'second', 'third');
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    values.map((value): Step => ({ do: 'write in the cloud', value })),
    values.map((value): Step => ({ do: 'write at the edge', value })),
    fc.constant<Step>({ do: 'report' }),
    fc.nat(8).map((nth): Step => ({ do: 'hub takes a report', nth })),
    fc.constant<Step>({ do: 'deliver' }),
    fc.constant<Step>({ do: 'move to another node' }),
    fc.constant<Step>({ do: 'delete and make again' }),
  ),
  { maxLength: 40 },
);

describe('a property desired in the cloud and at the edge', () => {
  it('is the same on both sides in the end, in every order of writes, reports and deliveries', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const world = new World();
        for (const step of script) world.take(step);
        world.take({ do: 'deliver' });
        world.take({ do: 'report' }); // what is open is always told again
        world.take({ do: 'hub takes a report', nth: world.reports.length - 1 });
        world.take({ do: 'deliver' });
        const { desired, pending } = world.twin.get(property) ?? {};
        expect(pending).toBeUndefined();
        expect(desired?.value).toBe(world.spec.value);
      }),
      { numRuns: 2_000 },
    );
  });

  it('has each write at the edge decided at most once, and never an older one after a newer', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const world = new World();
        for (const step of script) world.take(step);
        const versions = world.decided.map((each) => Number(each.split(' ')[0]));
        expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
      }),
    );
  });

  it('keeps a later write in the cloud, whatever arrives again', () => {
    const world = new World();
    world.take({ do: 'write at the edge', value: 'second' });
    world.take({ do: 'report' });
    world.take({ do: 'hub takes a report', nth: 0 });
    expect(world.spec.value).toBe('second');
    world.take({ do: 'write in the cloud', value: 'first' }); // what it was before
    world.take({ do: 'hub takes a report', nth: 0 });
    world.take({ do: 'deliver' });
    expect([world.spec.value, world.twin.get(property)?.desired?.value]).toEqual([
      'first',
      'first',
    ]);
    expect(world.lost).toEqual([]); // it was written, and then overwritten
  });

  it('tells of the edge’s write that gave way to one in the cloud', () => {
    const world = new World();
    world.take({ do: 'write at the edge', value: 'second' });
    world.take({ do: 'write in the cloud', value: 'third' });
    world.take({ do: 'deliver' });
    expect(world.twin.get(property)?.desired?.value).toBe('second'); // not decided yet
    world.take({ do: 'report' });
    world.take({ do: 'hub takes a report', nth: 0 });
    world.take({ do: 'deliver' });
    expect(world.twin.get(property)?.desired?.value).toBe('third');
    expect(world.lost).toEqual(['second']);
  });
});
