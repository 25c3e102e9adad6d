import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const page = join(import.meta.dirname, '..', '..', 'docs', 'OBSERVABILITY.md');

/** A metric as people read of it. */
export interface Documented {
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

/** The rows of the tables of metrics in docs/OBSERVABILITY.md, by name. */
export async function documentedMetrics(): Promise<ReadonlyMap<string, Documented>> {
  const rows = (await readFile(page, 'utf8')).matchAll(
    /^\| `(\w+)` *\| (counter|gauge|histogram) *\|([^|]*)\|([^|]*)\|$/gm,
  );
  return new Map(
    [...rows].map(([, name = '', type = '', labels = '', help = '']) => [
      name,
      {
        type,
        labels: labels
          .split(',')
          .map((label) => label.trim())
          .filter(Boolean),
        help: help.trim(),
      },
    ]),
  );
}
