import { parseQuantity } from './quantity.ts';

/** Amounts of resources by name, in billionths of their unit (cores, bytes, pieces). */
export type Amounts = ReadonlyMap<string, bigint>;

export const BILLION = 1_000_000_000n;
const MILLION = 1_000_000n;

/** Resources as a Kubernetes object lists them; what is no quantity counts as nothing. */
export function readAmounts(listed: Readonly<Record<string, string | number>> = {}): Amounts {
  return new Map(
    Object.entries(listed).map(([name, given]) => [
      name,
      parseQuantity(String(given))?.nanos ?? 0n,
    ]),
  );
}

export function plus(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, (left, right) => left + right);
}

export function most(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, (left, right) => (left > right ? left : right));
}

/** Never below nothing. */
export function minus(a: Amounts, b: Amounts): Amounts {
  return new Map(
    [...a].map(([name, amount]) => {
      const left = amount - (b.get(name) ?? 0n);
      return [name, left < 0n ? 0n : left];
    }),
  );
}

/** As a Node lists them: whole cores or thousandths, bytes in Ki, whole pieces. */
export function writeAmounts(amounts: Amounts): Record<string, string> {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, written(name, amount)]));
}

function written(name: string, amount: bigint): string {
  if (name === 'cpu')
    return amount % BILLION === 0n ? String(amount / BILLION) : `${String(amount / MILLION)}m`;
  const isBytes = name === 'memory' || name === 'ephemeral-storage';
  return isBytes ? `${String(amount / BILLION / 1024n)}Ki` : String(amount / BILLION);
}

function combine(a: Amounts, b: Amounts, of: (left: bigint, right: bigint) => bigint): Amounts {
  const names = new Set([...a.keys(), ...b.keys()]);
  return new Map([...names].map((name) => [name, of(a.get(name) ?? 0n, b.get(name) ?? 0n)]));
}
