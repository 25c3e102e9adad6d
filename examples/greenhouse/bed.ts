/** A bed of plants and its valve. Moisture in percent. */
export interface Bed {
  readonly moisture: number;
  readonly target: number;
  readonly valve: boolean;
}

/** The bed loses this much in a second, and gains that much while water runs. */
const driesPerSecond = 0.4;
const drinksPerSecond = 2;
/** How far moisture goes below and above its target before the valve turns. */
const slack = 2;

/** The bed `seconds` later. */
export function grow({ moisture, target, valve }: Bed, seconds: number): Bed {
  const change = valve ? drinksPerSecond : -driesPerSecond;
  const wet = Math.min(Math.max(moisture + change * seconds, 0), 100);
  const opened = wet < target - slack || (valve && wet < target + slack);
  return { moisture: wet, target, valve: opened };
}

/** What the bed says of itself. */
export function reading({ moisture, target, valve }: Bed, now: number): string {
  return JSON.stringify({ moisture: Math.round(moisture * 10) / 10, target, valve, ts: now });
}

/** The bed after it was told something; undefined when that makes no sense. */
export function told(bed: Bed, payload: string): Bed | undefined {
  try {
    const { target } = JSON.parse(payload) as { target?: unknown };
    return typeof target === 'number' && target >= 0 && target <= 100
      ? { ...bed, target }
      : undefined;
  } catch {
    return undefined;
  }
}
