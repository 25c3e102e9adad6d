import type {
  JudgementView,
  JudgementsView,
  UnitView,
} from '@skerry/edgecore/judgement/judgement-view';
import { printable } from '@skerry/shared/printable';
import { printTable } from '../kube/table.ts';
import { sparkline } from './sparkline.ts';

const sparkWidth = 30;

/** How a node fares, for people: what is wrong, since when, and what the system does about it. */
export function judgeText({ node, start, judgements }: JudgementsView): string {
  const held =
    start.phase === 'held'
      ? [
          `The services of ${node} are held back since ${start.since}, after ${start.attempts} verifications:`,
          `  ${start.why}`,
          'They are verified again, and start as soon as nothing is Blocked.',
          '',
        ]
      : [];
  if (judgements.length === 0)
    return [...held, `${node} judges by nothing: no StatusJudgement is placed on it.`].join('\n');
  return printable([...held, judgements.map(judgementText).join('\n\n')].join('\n'));
}

function judgementText(judgement: JudgementView): string {
  const { name, verdict, since, z, units, why, flaw } = judgement;
  if (flaw !== undefined) return `${name} cannot be judged by: ${flaw}`;
  if (verdict === undefined) return `${name} has not come to a verdict yet`;
  const share = z === undefined ? '' : `, ${percent(z)} of the weight passes`;
  const table = printTable({
    columnDefinitions: titles.map((title) => ({ name: title, priority: 0 })),
    rows: units.map((unit) => ({ cells: cellsOf(unit) })),
  });
  const because = why === '' ? [] : [`  because ${why}`];
  return [`${name} is ${verdict} since ${since}${share}`, ...because, '', table].join('\n');
}

const titles = ['unit', 'result', 'measured', 'passes', 'since', 'weight', 'lately', 'fault'];

function cellsOf(unit: UnitView): string[] {
  const { result, mean, passes, since, weight, required, past, fault } = unit;
  return [
    unit.unit,
    result,
    mean === undefined ? '' : String(Number(mean.toPrecision(4))),
    passes ? 'yes' : 'NO',
    since,
    required ? `${weight}, required` : String(weight),
    sparkline(
      past.map((one) => one.mean),
      sparkWidth,
    ),
    fault ?? '',
  ];
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
