const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * A span as kubectl prints it: finer while it is short, coarser as it grows. Clocks may be a second
 * apart, so a little less than nothing still prints as `0s`.
 *
 * @param ms milliseconds
 */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / second);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  return ms < 3 * hour ? inMinutes(ms) : inHours(Math.floor(ms / hour), ms);
}

function inMinutes(ms: number): string {
  const minutes = Math.floor(ms / minute);
  return minutes < 10 ? `${minutes}m${rest(Math.floor(ms / second) % 60, 's')}` : `${minutes}m`;
}

function inHours(hours: number, ms: number): string {
  if (hours < 8) return `${hours}h${rest(Math.floor(ms / minute) % 60, 'm')}`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return `${days}d${rest(hours % 24, 'h')}`;
  if (days < 2 * 365) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? `${years}y${rest(days % 365, 'd')}` : `${years}y`;
}

function rest(amount: number, unit: string): string {
  return amount === 0 ? '' : `${amount}${unit}`;
}

/** How long ago a timestamp was, `<unknown>` when there is none. */
export function since(timestamp: unknown, now: number): string {
  if (typeof timestamp !== 'string' || timestamp === '') return '<unknown>';
  const then = Date.parse(timestamp);
  return Number.isNaN(then) ? '<unknown>' : humanDuration(now - then);
}
