/** Lines around a change that a diff shows. */
const context = 3;
/** A change with more lines than this is shown as all of the one replaced by all of the other. */
const comparable = 1000;

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/**
 * The difference between two texts in the unified format, without the heading of file names.
 *
 * @see https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html
 */
export function unifiedDiff(before: readonly string[], after: readonly string[]): string {
  const lines = compareLines(before, after);
  return hunksIn(lines)
    .map(([from, to]) => hunk(lines, from, to))
    .join('');
}

function compareLines(before: readonly string[], after: readonly string[]): Line[] {
  const head = commonLength(before, after, (lines, index) => lines[index]);
  const rest = Math.min(before.length, after.length) - head;
  const tail = Math.min(
    rest,
    commonLength(before, after, (lines, index) => lines[lines.length - 1 - index]),
  );
  const same = (text: string): Line => ({ mark: ' ', text });
  return [
    ...before.slice(0, head).map(same),
    ...compareMiddle(
      before.slice(head, before.length - tail),
      after.slice(head, after.length - tail),
    ),
    ...before.slice(before.length - tail).map(same),
  ];
}

function commonLength(
  a: readonly string[],
  b: readonly string[],
  at: (lines: readonly string[], index: number) => string | undefined,
): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && at(a, length) === at(b, length)) length++;
  return length;
}

function compareMiddle(before: readonly string[], after: readonly string[]): Line[] {
  const isTooLong = before.length + after.length > comparable;
  const mark = isTooLong ? firstAllLosses(before) : longestKept(before, after);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const step = mark(i, j);
    lines.push({ mark: step, text: (step === '+' ? after[j] : before[i]) ?? '' });
    if (step !== '+') i++;
    if (step !== '-') j++;
  }
  return lines;
}

/** What becomes of the lines at a pair of positions. */
type Mark = (i: number, j: number) => Line['mark'];

function firstAllLosses(before: readonly string[]): Mark {
  return (i) => (i < before.length ? '-' : '+');
}

function longestKept(before: readonly string[], after: readonly string[]): Mark {
  const lengths = commonLengths(before, after);
  return (i, j) => {
    if (i >= before.length) return '+';
    if (j >= after.length) return '-';
    if (before[i] === after[j]) return ' ';
    return (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0) ? '-' : '+';
  };
}

/** Length of the longest common subsequence of what follows each pair of positions. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const table = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  );
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) {
      const [row, below] = [table[i] ?? [], table[i + 1] ?? []];
      row[j] =
        before[i] === after[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  return table;
}

/** Ranges of lines to show: changes with their context, those that touch put together. */
function hunksIn(lines: readonly Line[]): [number, number][] {
  const hunks: [number, number][] = [];
  for (const [index, { mark }] of lines.entries()) {
    if (mark === ' ') continue;
    const [from, to] = [Math.max(0, index - context), Math.min(lines.length, index + context + 1)];
    const last = hunks.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else hunks.push([from, to]);
  }
  return hunks;
}

function hunk(lines: readonly Line[], from: number, to: number): string {
  const count = (list: readonly Line[], without: string): number =>
    list.filter(({ mark }) => mark !== without).length;
  const [ahead, shown] = [lines.slice(0, from), lines.slice(from, to)];
  const range = (without: '-' | '+'): string =>
    `${count(ahead, without) + 1},${count(shown, without)}`;
  const body = shown.map(({ mark, text }) => `${mark}${text}\n`).join('');
  return `@@ -${range('+')} +${range('-')} @@\n${body}`;
}
