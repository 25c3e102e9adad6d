import { isObject, member, type Json } from '../json.ts';

/** Finds values in a document. */
export type JsonPath = (document: Json) => readonly Json[];

/**
 * Reads the JSONPath that printer columns, selectable fields and scale subresources are written in:
 * `.a.b`, `['a']`, `[0]`, `[-1]`, `[1:3]`, `[*]`, `.*` and `[?(@.type=="Ready")]`, with or without
 * braces around it. Undefined when `text` is none.
 *
 * @see https://kubernetes.io/docs/reference/kubectl/jsonpath/
 */
export function jsonPath(text: string): JsonPath | undefined {
  const steps: Step[] = [];
  let rest = text.replace(/^\{(.*)\}$/s, '$1').replace(/^\$/, '');
  while (rest !== '' && rest !== '.') {
    const token = tokens.find(({ form }) => form.test(rest));
    const match = token?.form.exec(rest);
    const step = match && token?.step(match);
    if (!match || !step) return undefined;
    steps.push(step);
    rest = rest.slice(match[0].length);
  }
  return (document) =>
    steps.reduce<readonly Json[]>((found, step) => found.flatMap(step), [document]);
}

type Step = (value: Json) => readonly Json[];

interface Token {
  readonly form: RegExp;
  readonly step: (match: RegExpExecArray) => Step | undefined;
}

const tokens: readonly Token[] = [
  { form: /^\.\*|^\[\*\]/, step: () => values },
  { form: /^\.((?:\\.|[^.[\]\\])+)/, step: ([, name = '']) => field(name.replace(/\\(.)/g, '$1')) },
  {
    form: /^\['((?:\\.|[^'\\])*)'\]/,
    step: ([, name = '']) => field(name.replace(/\\(.)/g, '$1')),
  },
  {
    form: /^\["((?:\\.|[^"\\])*)"\]/,
    step: ([, name = '']) => field(name.replace(/\\(.)/g, '$1')),
  },
  { form: /^\[(-?\d+)\]/, step: ([, index]) => element(Number(index)) },
  { form: /^\[(-?\d*):(-?\d*)\]/, step: ([, from, to]) => slice(from, to) },
  {
    form: /^\[\?\(\s*@([^=!<>\s]*)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|[^\s)]+)\s*)?\)\]/,
    step: ([, path = '', operator, operand]) => filter(path, operator, operand),
  },
];

function values(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function field(name: string): Step {
  return (value) => {
    const found = member(value, name);
    return found === undefined ? [] : [found];
  };
}

function element(index: number): Step {
  return (value) => {
    const found = Array.isArray(value) ? value.at(index) : undefined;
    return found === undefined ? [] : [found];
  };
}

function slice(from = '', to = ''): Step {
  return (value) =>
    Array.isArray(value)
      ? value.slice(from === '' ? 0 : Number(from), to === '' ? undefined : Number(to))
      : [];
}

function filter(path: string, operator?: string, operand?: string): Step | undefined {
  const find = jsonPath(path);
  const wanted = operand === undefined ? undefined : literal(operand);
  return (
    find &&
    ((value) =>
      values(value).filter((item) => {
        const [found] = find(item);
        return found !== undefined && (operator === undefined || holds(found, operator, wanted));
      }))
  );
}

function literal(text: string): Json {
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  if (quoted) return quoted[2] ?? '';
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

function holds(found: Json, operator: string, wanted: Json | undefined): boolean {
  if (operator === '==') return found === wanted;
  if (operator === '!=') return found !== wanted;
  const [a, b] = [found, wanted];
  const isOrdered =
    (typeof a === 'number' && typeof b === 'number') ||
    (typeof a === 'string' && typeof b === 'string');
  if (!isOrdered) return false;
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}
