import type { Pod } from '../client/objects.ts';

export const indexKey = 'batch.kubernetes.io/job-completion-index';

/** The index that a pod works for; undefined for a pod that has none. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[indexKey];
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

/** Reads indexes as a job's status writes them: `1,3-5,7`. */
export function parseIndexes(text: string): readonly number[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, at) => first + at);
    });
}

/** The other way: in order, and runs of more than two shortened. */
export function formatIndexes(indexes: Iterable<number>): string {
  const runs: [number, number][] = [];
  for (const index of [...new Set(indexes)].sort((one, other) => one - other)) {
    const run = runs.at(-1);
    if (run && run[1] === index - 1) run[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([first, last]) => formatRun(first, last)).join(',');
}

function formatRun(first: number, last: number): string {
  if (first === last) return String(first);
  return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
}
