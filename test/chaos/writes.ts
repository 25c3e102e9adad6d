import type { Random } from '@skerry/shared/clock';
import { keyOf, type Content, type Kind } from './objects.ts';
import { between, oneOf, seededRandom, shuffled } from './seeded-random.ts';

/** One write to the API. The value is its number, so that values of one object only grow. */
export interface Write extends Content {
  readonly do: 'create' | 'update' | 'delete';
  readonly kind: Kind;
  readonly name: string;
}

interface Place {
  readonly kind: Kind;
  readonly name: string;
  readonly node: string;
}

/** How often each kind is written, and how often a write of one that exists deletes it. */
const mix: Readonly<Record<Kind, { readonly share: number; readonly deleted: number }>> = {
  map: { share: 45, deleted: 0.25 },
  secret: { share: 20, deleted: 0.25 },
  pod: { share: 12, deleted: 0.4 },
  gadget: { share: 8, deleted: 0.3 },
  meter: { share: 15, deleted: 0 },
};
const perNode = { pod: 6, gadget: 5, meter: 8 };
const mapNames = Array.from({ length: 60 }, (_, i) => `map-${i}`);
const secretNames = Array.from({ length: 30 }, (_, i) => `secret-${i}`);
const slots = ['a', 'b', 'c'];

/** The meters of a node. */
export function meterNames(node: string): string[] {
  return named('meter', node);
}

/** Purely from the seed. Few names, so that objects are deleted, made again and replaced. */
export function planWrites(seed: number, count: number, nodes: readonly string[]): Write[] {
  const random = seededRandom(seed, 'writes');
  const places = placesOn(nodes);
  const existing = new Set<string>();
  return Array.from({ length: count }, (_, i): Write => {
    const place = oneOf(random, places[kindOf(random)]);
    const key = keyOf(place.kind, place.name);
    const step = existing.has(key) ? again(random, place.kind) : 'create';
    if (step === 'create') existing.add(key);
    if (step === 'delete') existing.delete(key);
    const refers = step === 'create' && place.kind === 'pod';
    return {
      do: step,
      ...place,
      slot: oneOf(random, slots),
      value: String(i + 1),
      maps: refers ? shuffled(random, mapNames).slice(0, between(random, 0, 12)) : [],
      secrets: refers ? shuffled(random, secretNames).slice(0, between(random, 0, 6)) : [],
    };
  });
}

function kindOf(random: Random): Kind {
  let rest = random() * Object.values(mix).reduce((sum, { share }) => sum + share, 0);
  for (const [kind, { share }] of Object.entries(mix)) {
    rest -= share;
    if (rest < 0) return kind as Kind;
  }
  return 'map';
}

function again(random: Random, kind: Kind): 'update' | 'delete' {
  return random() < mix[kind].deleted ? 'delete' : 'update';
}

function placesOn(nodes: readonly string[]): Readonly<Record<Kind, readonly Place[]>> {
  const on = (kind: keyof typeof perNode): Place[] =>
    nodes.flatMap((node) => named(kind, node).map((name) => ({ kind, name, node })));
  return {
    map: mapNames.map((name) => ({ kind: 'map', name, node: '' })),
    secret: secretNames.map((name) => ({ kind: 'secret', name, node: '' })),
    pod: on('pod'),
    gadget: on('gadget'),
    meter: on('meter'),
  };
}

function named(kind: keyof typeof perNode, node: string): string[] {
  return Array.from({ length: perNode[kind] }, (_, i) => `${kind}-${node}-${i}`);
}
