import { badRequest } from '../refusals.ts';
import type { Attributes } from '../storage/held.ts';

/** One clause of a selector; all must hold. */
export type Requirement =
  | { readonly operator: 'exists' | 'absent'; readonly key: string }
  | { readonly operator: 'in' | 'notin'; readonly key: string; readonly values: readonly string[] }
  | { readonly operator: 'above' | 'below'; readonly key: string; readonly bound: number };

const labelKey =
  /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const token = /\s*(!=|==|=|!|\(|\)|,|<|>|[^\s!=(),<>]+)/y;

/**
 * Parses `a=b, c!=d, e in (f,g), h notin (i), j, !k, l>1`.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function parseLabelSelector(text: string): readonly Requirement[] {
  const tokens = new Tokens(text);
  const requirements: Requirement[] = [];
  while (tokens.peek() !== undefined) {
    requirements.push(parseRequirement(tokens));
    const separator = tokens.next();
    if (separator !== undefined && separator !== ',')
      throw badRequest(`found '${separator}', expected: ',' or 'end of string'`);
  }
  return requirements;
}

export function matchesLabels(requirements: readonly Requirement[], labels: Attributes): boolean {
  return requirements.every((requirement) => holds(requirement, labels[requirement.key]));
}

function holds(requirement: Requirement, value: string | undefined): boolean {
  switch (requirement.operator) {
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'in':
      return value !== undefined && requirement.values.includes(value);
    case 'notin':
      return value === undefined || !requirement.values.includes(value);
    case 'above':
      return Number(value) > requirement.bound; // NaN is neither above nor below
    case 'below':
      return Number(value) < requirement.bound;
  }
}

type Operand = (key: string, tokens: Tokens) => Requirement;

const operators: Readonly<Record<string, Operand>> = {
  '=': (key, tokens) => ({ operator: 'in', key, values: [tokens.value()] }),
  '==': (key, tokens) => ({ operator: 'in', key, values: [tokens.value()] }),
  '!=': (key, tokens) => ({ operator: 'notin', key, values: [tokens.value()] }),
  in: (key, tokens) => ({ operator: 'in', key, values: tokens.values() }),
  notin: (key, tokens) => ({ operator: 'notin', key, values: tokens.values() }),
  '>': (key, tokens) => ({ operator: 'above', key, bound: tokens.integer() }),
  '<': (key, tokens) => ({ operator: 'below', key, bound: tokens.integer() }),
};

function parseRequirement(tokens: Tokens): Requirement {
  if (tokens.take('!')) return { operator: 'absent', key: tokens.key() };
  const key = tokens.key();
  const operator = tokens.peek();
  if (operator === undefined || operator === ',') return { operator: 'exists', key };
  const parse = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (!parse) throw badRequest(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  tokens.next();
  return parse(key, tokens);
}

class Tokens {
  readonly #tokens: string[] = [];

  constructor(text: string) {
    token.lastIndex = 0;
    for (let match = token.exec(text); match; match = token.exec(text))
      this.#tokens.push(match[1] ?? '');
  }

  peek(): string | undefined {
    return this.#tokens[0];
  }

  next(): string | undefined {
    return this.#tokens.shift();
  }

  take(expected: string): boolean {
    if (this.peek() !== expected) return false;
    this.next();
    return true;
  }

  key(): string {
    const key = this.next() ?? '';
    if (!labelKey.test(key))
      throw badRequest(
        /^[!=(),<>]/.test(key)
          ? `found '${key}', expected: !, identifier, or 'end of string'`
          : `key: Invalid value: "${key}": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      );
    return key;
  }

  /** A value may be empty: `a=` asks for the empty label. */
  value(): string {
    const next = this.peek();
    if (next === undefined || next === ',' || next === ')') return '';
    const value = this.next() ?? '';
    if (!labelValue.test(value))
      throw badRequest(
        `values[0][label]: Invalid value: "${value}": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      );
    return value;
  }

  values(): readonly string[] {
    if (!this.take('(')) throw badRequest(`found '${this.peek() ?? ''}', expected: '('`);
    const values = [this.value()];
    while (this.take(',')) values.push(this.value());
    if (!this.take(')')) throw badRequest(`found '${this.peek() ?? ''}', expected: ',' or ')'`);
    return values;
  }

  integer(): number {
    const text = this.value();
    if (!/^-?\d+$/.test(text))
      throw badRequest(
        `values[0][label]: Invalid value: "${text}": for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    return Number(text);
  }
}
