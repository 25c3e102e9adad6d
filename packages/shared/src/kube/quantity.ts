/** How a quantity must look, in the words of the server that refuses it. */
export const quantityAdvice: string =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** An amount: `digits` × 10^`exponent` or, for binary suffixes, × 1024^n. Nanos are the finest. */
export interface Quantity {
  /** The amount in billionths, exact. */
  readonly nanos: bigint;
  readonly format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent';
}

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const binarySuffixes = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
const billion = 1_000_000_000n;

/**
 * Reads a quantity such as `500m`, `1.5Gi` or `2e3`; undefined when it is none. Anything finer than a
 * billionth is rounded up.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(text: string): Quantity | undefined {
  const parts =
    /^([+-]?)(\d{0,30})(?:\.(\d{0,30}))?(?:([eE][+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i))?$/.exec(
      text,
    );
  if (!parts) return undefined;
  const [, sign, whole = '', fraction = '', power, suffix = ''] = parts;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  const exponent = power === undefined ? decimalExponent(suffix) : Number(power.slice(1));
  const scaled = scale(digits * 1024n ** binaryPower(suffix), exponent - fraction.length + 9);
  return {
    nanos: sign === '-' ? -scaled : scaled,
    format: formatOf(power, suffix),
  };
}

/** The quantity as Kubernetes writes it: the largest suffix that leaves a whole number. */
export function formatQuantity({ nanos, format }: Quantity): string {
  const sign = nanos < 0n ? '-' : '';
  const amount = nanos < 0n ? -nanos : nanos;
  if (format === 'BinarySI' && amount % billion === 0n && amount >= 1024n * billion)
    return sign + binary(amount / billion);
  return sign + (format === 'DecimalExponent' ? exponential(amount) : decimal(amount));
}

/** `text` in its canonical form; undefined when it is no quantity. */
export function canonicalQuantity(text: string): string | undefined {
  const quantity = parseQuantity(text);
  return quantity && formatQuantity(quantity);
}

function formatOf(power: string | undefined, suffix: string): Quantity['format'] {
  if (power !== undefined) return 'DecimalExponent';
  return suffix.endsWith('i') ? 'BinarySI' : 'DecimalSI';
}

function decimalExponent(suffix: string): number {
  const index = (decimalSuffixes as readonly string[]).indexOf(suffix);
  return index < 0 ? 0 : (index - 3) * 3;
}

function binaryPower(suffix: string): bigint {
  return BigInt((binarySuffixes as readonly string[]).indexOf(suffix) + 1);
}

function scale(digits: bigint, exponent: number): bigint {
  if (exponent >= 0) return digits * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return (digits + divisor - 1n) / divisor;
}

function decimal(nanos: bigint): string {
  const [rest, power] = reduce(nanos, 1000n, decimalSuffixes.length - 1);
  return `${rest}${decimalSuffixes[power] ?? ''}`;
}

function exponential(nanos: bigint): string {
  const [rest, power] = reduce(nanos, 1000n, Number.MAX_SAFE_INTEGER);
  const exponent = power * 3 - 9;
  return exponent === 0 ? rest.toString() : `${rest}e${exponent}`;
}

function binary(units: bigint): string {
  const [rest, power] = reduce(units, 1024n, binarySuffixes.length);
  return `${rest}${binarySuffixes[power - 1] ?? ''}`;
}

/** Divides by `base` as often as it leaves no rest, and says how often. */
function reduce(amount: bigint, base: bigint, most: number): [bigint, number] {
  if (amount === 0n) return [0n, base === 1000n ? 3 : 0];
  let [rest, power] = [amount, 0];
  while (power < most && rest % base === 0n) [rest, power] = [rest / base, power + 1];
  return [rest, power];
}
