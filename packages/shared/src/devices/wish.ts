/**
 * A desired value written at the edge, on its way into the Device's spec. Concurrent writes are settled by
 * the hub alone, one after the other, and its decision travels with the Device [PROTOCOL §9].
 */
export interface EdgeWish {
  readonly property: string;
  readonly value: string;
  /** What the Device's spec said when it was written, as far as the edge knew; null: nothing. */
  readonly over: string | null;
  /** Counts the writes of this property at its edge, from 1. */
  readonly version: number;
  /** By the writer's clock, milliseconds since the Unix epoch. */
  readonly at: number;
}

/** What became of the newest wish of a property that the hub has seen. */
export interface SettledWish {
  readonly version: number;
  /** The value that it wrote into the spec; absent: the wish lost. */
  readonly value?: string;
}

/** By property. */
export type SettledWishes = ReadonlyMap<string, SettledWish>;

/** On the Device, so that a decision and the value it is about are one write. */
export const settledWishesAnnotation = 'edge.skerry.io/settled-wishes';

/** `settled`: it was decided before. */
export type WishDecision = 'write' | 'lose' | 'settled';

/**
 * Pure: what becomes of a wish, given what the spec says now. It is written where the spec still says what
 * the edge saw, or what the same edge wrote last; otherwise somebody wrote in the cloud meanwhile, and
 * that stays. Every wish is decided once, and older ones never after newer ones.
 */
export function decideWish(
  spec: { readonly value: string | null; readonly settled: SettledWish | undefined },
  wish: EdgeWish,
): WishDecision {
  const { value, settled } = spec;
  if (settled && settled.version >= wish.version) return 'settled';
  const isOwn = settled?.value !== undefined && value === settled.value;
  return isOwn || value === wish.over || value === wish.value ? 'write' : 'lose';
}

/** Reads the annotation; what is not an entry of it is left out. */
export function readSettled(text: string | undefined): SettledWishes {
  const settled = new Map<string, SettledWish>();
  for (const [property, entry] of Object.entries(parse(text))) {
    const { version, value } = (entry ?? {}) as { version?: unknown; value?: unknown };
    if (typeof version !== 'number' || !Number.isSafeInteger(version)) continue;
    settled.set(property, typeof value === 'string' ? { version, value } : { version });
  }
  return settled;
}

/** The text of the annotation. */
export function writeSettled(settled: SettledWishes): string {
  return JSON.stringify(Object.fromEntries(settled));
}

function parse(text: string | undefined): object {
  try {
    const read: unknown = JSON.parse(text ?? '{}');
    return typeof read === 'object' && read !== null ? read : {};
  } catch {
    return {};
  }
}
