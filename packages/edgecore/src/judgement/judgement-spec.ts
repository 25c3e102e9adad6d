import { isObject, objectAt, textAt, valueAt, type Json } from '@skerry/apiserver/json';
import type { Counting, Rule } from './aggregate.ts';
import { Fields, MalformedJudgement } from './fields.ts';
import { results } from './result.ts';
import { defaultTable, verdicts, type VerdictRow } from './verdict.ts';
import { comparisons, type Weighing } from './weigh.ts';

/** Where samples of a unit can come from. */
export const sourceTypes = [
  'cpu',
  'memory',
  'disk',
  'load',
  'temperature',
  'clockOffset',
  'icmp',
  'tcp',
  'http',
  'dns',
  'hub',
  'engine',
  'container',
  'log',
  'device',
  'certificate',
  'command',
] as const;
export type SourceType = (typeof sourceTypes)[number];

/** One unit: what it measures, how that becomes a result, and how the result counts. */
export interface UnitSpec extends Weighing, Counting {
  readonly source: {
    readonly type: SourceType;
    readonly settings: Fields;
    /** A setting that the source does not know is a mistake; the API server has seen to those of its own. */
    readonly isStrict: boolean;
  };
  readonly periodMs: number;
  readonly timeoutMs: number;
  /** A sample outside counts as none. */
  readonly range: { readonly min: number; readonly max: number };
}

/** A StatusJudgement as the node judges by it. */
export interface JudgementSpec {
  readonly name: string;
  /** Changes when another object bears the name. */
  readonly uid: string;
  /** 0 for one of a file. */
  readonly generation: number;
  readonly origin: 'cluster' | 'file';
  readonly verifyStart: boolean;
  readonly periodMs: number;
  readonly windowMs: number;
  readonly turnsAfter: number;
  readonly table: readonly VerdictRow[];
  readonly units: readonly UnitSpec[];
  /** Of the object's spec, to be compared: what is the same is judged on as before. */
  readonly text: string;
}

const secondMs = 1_000;
const daySeconds = 86_400;
const whole = { whole: true, min: 1 } as const;

/** Reads an object as the API server or a file has it; throws MalformedJudgement. */
export function judgementSpec(object: Json, origin: JudgementSpec['origin']): JudgementSpec {
  const name = textAt(object, 'metadata', 'name');
  if (!isObject(object) || name === undefined)
    throw new MalformedJudgement('a StatusJudgement without a name');
  const generation = valueAt(object, 'metadata', 'generation');
  const spec = new Fields(objectAt(object, 'spec'), 'spec');
  const units = spec.list('units').map((unit) => unitSpec(unit, origin === 'file'));
  if (units.length === 0) throw new MalformedJudgement('spec.units is empty');
  const names = new Set(units.map((unit) => unit.name));
  if (names.size < units.length) throw new MalformedJudgement('spec.units: a name comes twice');
  const slowest = Math.max(...units.map(({ periodMs, timeoutMs }) => periodMs + timeoutMs));
  const windowSeconds = Math.max(60, (3 * slowest) / secondMs);
  const read: JudgementSpec = {
    name,
    uid: textAt(object, 'metadata', 'uid') ?? name,
    generation: typeof generation === 'number' ? generation : 0,
    origin,
    verifyStart: spec.flag('verifyStart'),
    periodMs: secondMs * spec.number('periodSeconds', { ...whole, max: daySeconds }, 10),
    windowMs: secondMs * spec.number('windowSeconds', { min: 1 }, windowSeconds),
    turnsAfter: spec.number('turnsAfter', { ...whole, max: 100 }, 3),
    table: spec.has('verdicts') ? spec.list('verdicts').map(verdictRow) : defaultTable,
    units,
    text: JSON.stringify(objectAt(object, 'spec')),
  };
  if (origin === 'file') refuseUnknown(spec);
  return read;
}

/** A file may be an object of the cluster as it is: where it would be placed is known, and not looked at. */
function refuseUnknown(spec: Fields): void {
  for (const placement of ['nodeName', 'nodeSelector']) spec.has(placement);
  spec.refuseUnknown();
}

function verdictRow(row: Fields): VerdictRow {
  return {
    atLeast: row.number('atLeast', { min: 0, max: 1 }),
    verdict: row.choice('verdict', verdicts),
  };
}

function unitSpec(unit: Fields, isStrict: boolean): UnitSpec {
  const name = unit.text('name');
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
    throw new MalformedJudgement(`${unit.path}.name: ${name} is not a name`);
  const mode = unit.choice('mode', ['yesNo', 'score'], 'yesNo');
  const source = unit.inner('source');
  const type = source.only(sourceTypes);
  return {
    name,
    ...weighingOf(unit, mode),
    rule: ruleOf(unit, mode),
    weight: unit.number('weight', { whole: true, min: 0, max: 1_000 }, 1),
    required: unit.flag('required'),
    source: { type, settings: source.apart(type), isStrict },
    periodMs: secondMs * unit.number('periodSeconds', { ...whole, max: daySeconds }, 10),
    timeoutMs: secondMs * unit.number('timeoutSeconds', { ...whole, max: 300 }, 5),
    range: rangeOf(unit),
  };
}

function weighingOf(unit: Fields, mode: Weighing['mode']): Weighing {
  const isScore = mode === 'score';
  const comparison = unit.choice('comparison', comparisons, '>=');
  if (isScore && (comparison === '==' || comparison === '!='))
    throw new MalformedJudgement(`${unit.path}.comparison: a score needs a direction`);
  return {
    mode,
    comparison,
    samples: unit.number('samples', { ...whole, max: 1_000 }, 1),
    threshold: unit.number('threshold', isScore ? { min: 0 } : {}),
  };
}

function ruleOf(unit: Fields, mode: Weighing['mode']): Rule {
  if (!unit.has('rule'))
    return mode === 'score'
      ? { operator: '>=', value: 80 }
      : { operator: 'eq', value: results.yes };
  const rule = unit.inner('rule');
  const operator = rule.choice('operator', ['>=', '<=', 'in', 'eq']);
  if (operator === '>=' || operator === '<=')
    return { operator, value: rule.number('score', { whole: true, min: 0, max: 100 }) };
  const values = rule.texts('results');
  const [only] = values;
  if (operator === 'in') return { operator, values };
  if (only === undefined || values.length > 1)
    throw new MalformedJudgement(`${rule.path}.results: eq takes one result`);
  return { operator, value: only };
}

function rangeOf(unit: Fields): UnitSpec['range'] {
  const range = unit.has('range') ? unit.inner('range') : undefined;
  return {
    min: range?.optionalNumber('min') ?? -Infinity,
    max: range?.optionalNumber('max') ?? Infinity,
  };
}
