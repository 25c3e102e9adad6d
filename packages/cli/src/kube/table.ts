import { printableLine } from '@skerry/shared/printable';

/** `meta.k8s.io/v1 Table`, as far as it is printed. */
export interface KubeTable {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

const gap = '   ';

/**
 * A table as `kubectl get` prints it without `-o wide`.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
 */
export function printTable({ columnDefinitions, rows }: KubeTable): string {
  const columns = columnDefinitions.flatMap(({ name, priority }, index) =>
    priority === 0 ? [{ index, title: name.toUpperCase() }] : [],
  );
  const lines = [
    columns.map(({ title }) => title),
    ...rows.map(({ cells }) => columns.map(({ index }) => cell(cells[index]))),
  ];
  const widths = columns.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join(gap)
        .trimEnd(),
    )
    .join('\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return printableLine(typeof value === 'string' ? value : JSON.stringify(value));
}
