const bars = '▁▂▃▄▅▆▇█';

/** The newest numbers as one line of bars, `width` characters at most; a gap is where there was none. */
export function sparkline(values: readonly (number | undefined)[], width: number): string {
  const shown = values.slice(-width);
  const known = shown.filter((value) => value !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return shown.map((value) => (value === undefined ? ' ' : barOf(value, low, high))).join('');
}

/** What never changes stands in the middle. */
function barOf(value: number, low: number, high: number): string {
  const share = high === low ? 0.5 : (value - low) / (high - low);
  return bars[Math.min(bars.length - 1, Math.floor(share * bars.length))] ?? '';
}
