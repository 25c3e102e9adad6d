import { printable } from '@skerry/shared/printable';
import { rounded } from './judge.ts';
import type { Verification } from './verifier.ts';

/** A verification as a table for people, with what speaks against the node below it. */
export function verificationText({
  judgement,
  verdict,
  z,
  units,
  why,
  logs,
}: Verification): string {
  const rows = units.map(({ unit, result, mean, passes, required, weight, fault }) => [
    unit,
    result,
    mean === undefined ? '' : rounded(mean),
    passes ? 'yes' : 'NO',
    `${weight}${required ? ' required' : ''}`,
    fault ?? '',
  ]);
  const titles = ['UNIT', 'RESULT', 'MEASURED', 'PASSES', 'WEIGHT', 'FAULT'];
  const lines = logs.flatMap(({ unit, lines: found }) => found.map((line) => `  ${unit}: ${line}`));
  const text = [
    `${judgement}: ${verdict} (${rounded(z)} of the weight passes)`,
    ...columns([titles, ...rows]),
    ...(why === '' ? [] : [`because ${why}`]),
    ...(lines.length === 0 ? [] : ['newest lines of logs that count:', ...lines]),
  ].join('\n');
  return printable(text);
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
