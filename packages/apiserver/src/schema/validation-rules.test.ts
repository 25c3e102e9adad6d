import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { readSchema } from './read-schema.ts';
import { validateRules } from './rule-checks.ts';
import { ValidationRules } from './validation-rules.ts';

const rule = (text: string, more: Json = {}): Json => [{ rule: text, ...(more as object) }] as Json;

/** What breaks in `{ spec: value }`, whose spec has some fields and these rules. */
function check(rules: Json, value: Json, before?: Json): string[] {
  const spec = {
    type: 'object',
    properties: {
      replicas: { type: 'integer' },
      max: { type: 'integer' },
      ratio: { type: 'number' },
      'end-time': { type: 'string', format: 'date-time' },
      mode: { type: 'string' },
      ports: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: {
          type: 'object',
          properties: { name: { type: 'string' }, port: { type: 'integer' } },
          'x-kubernetes-validations': [{ rule: 'self.port == oldSelf.port', message: 'stays' }],
        },
      },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
    'x-kubernetes-validations': rules,
  };
  const schema = readSchema({ type: 'object', properties: { spec } });
  expect(validateRules(schema, 'schema')).toEqual([]);
  const held = before === undefined ? undefined : { spec: before };
  const errors = new ValidationRules().check({ spec: value }, schema, held);
  return errors.map(({ field, message }) => `${field}: ${message}`);
}

describe('a rule', () => {
  it.each([
    ['self.replicas <= self.max', { replicas: 1, max: 2 }],
    ['self.ratio > 0.5', { ratio: 1 }],
    ['!has(self.mode) || self.mode in ["a", "b"]', {}],
    ['self.mode.startsWith("a") && size(self.mode) == 2', { mode: 'ab' }],
    ['self.mode.matches("^[a-z]+$")', { mode: 'ab' }],
    [
      'self.end__dash__time > timestamp("2026-01-01T00:00:00Z")',
      { 'end-time': '2026-02-01T00:00:00Z' },
    ],
    ['self.labels.all(key, key.startsWith("x"))', { labels: { xa: 'b' } }],
    ['self.ports.exists(p, p.port == 80)', { ports: [{ name: 'a', port: 80 }] }],
  ])('%s holds', (text, value) => {
    expect(check(rule(text), value)).toEqual([]);
  });

  it('says in its own words what is wrong, and where', () => {
    const value = { replicas: 3, max: 2 };
    const text = 'self.replicas <= self.max';
    expect(check(rule(text), value)).toEqual([
      `spec: Invalid value: "object": failed rule: ${text}`,
    ]);
    const told = { messageExpression: '"at most " + string(self.max)', fieldPath: '.replicas' };
    expect(check(rule(text, told), value)).toEqual([
      'spec.replicas: Invalid value: "object": at most 2',
    ]);
  });

  it('about the value before binds updates alone', () => {
    const text = rule('self.mode == oldSelf.mode', { message: 'mode stays' });
    expect(check(text, { mode: 'a' })).toEqual([]);
    expect(check(text, { mode: 'a' }, { mode: 'b' })).toEqual([
      'spec: Invalid value: "object": mode stays',
    ]);
  });

  it('finds the element before by its keys', () => {
    const before = {
      ports: [
        { name: 'a', port: 1 },
        { name: 'b', port: 2 },
      ],
    };
    const moved = {
      ports: [
        { name: 'b', port: 2 },
        { name: 'a', port: 1 },
        { name: 'c', port: 3 },
      ],
    };
    expect(check([], moved, before)).toEqual([]);
    const changed = { ports: [{ name: 'b', port: 9 }] };
    expect(check([], changed, before)).toEqual(['spec.ports[0]: Invalid value: "object": stays']);
  });

  it('that cannot be worked out refuses the object', () => {
    expect(check(rule('self.mode == "a"'), {})).toEqual([
      expect.stringMatching(
        /^spec: Invalid value: "object": .* evaluating rule: self.mode == "a"$/,
      ),
    ]);
  });

  it('may also judge what there was nothing before of', () => {
    const text = rule('!oldSelf.hasValue() || self.mode == oldSelf.value().mode', {
      message: 'mode stays',
      optionalOldSelf: true,
    });
    expect(check(text, { mode: 'a' })).toEqual([]);
    expect(check(text, { mode: 'a' }, { mode: 'a' })).toEqual([]);
    expect(check(text, { mode: 'a' }, { mode: 'b' })).toEqual([
      'spec: Invalid value: "object": mode stays',
    ]);
    const first = rule('oldSelf.hasValue()', { message: 'never new', optionalOldSelf: true });
    expect(check(first, { mode: 'a' })).toEqual(['spec: Invalid value: "object": never new']);
  });

  it('gives the reason that its definition says', () => {
    const schema = readSchema({
      type: 'object',
      'x-kubernetes-validations': rule('has(self.a)', { reason: 'FieldValueRequired' }),
    });
    expect(new ValidationRules().check({}, schema)).toMatchObject([
      { reason: 'FieldValueRequired' },
    ]);
  });

  it.each([
    ['a regular expression', 'self.mode.matches("^(a+)+$")', { mode: `${'a'.repeat(60)}b` }],
    [
      'loops in loops',
      'self.ports.all(a, self.ports.all(b, self.ports.all(c, true)))',
      { ports: Array.from({ length: 2_000 }, (_, port) => ({ name: String(port), port })) },
    ],
  ])('that does not come to an end is ended, and refuses the object: %s', (_what, text, value) => {
    const schema = readSchema({
      type: 'object',
      properties: {
        mode: { type: 'string' },
        ports: {
          type: 'array',
          items: {
            type: 'object',
            properties: { name: { type: 'string' }, port: { type: 'integer' } },
          },
        },
      },
      'x-kubernetes-validations': rule(text),
    });
    expect(new ValidationRules(20).check(value, schema)).toMatchObject([
      { message: expect.stringContaining('running out of cost budget') as string },
    ]);
  });

  it.each<[string, Json, string]>([
    ['rule', { rule: '' }, 'rule is not specified'],
    ['optionalOldSelf', { rule: 'true', optionalOldSelf: true }, 'may only be set if oldSelf'],
    ['message', { rule: 'true', message: ' ' }, 'non-empty'],
    ['message', { rule: 'true', message: 'a\nb' }, 'line breaks'],
    ['message', { rule: 'true ||\nfalse' }, 'must be specified if rule contains line breaks'],
    ['messageExpression', { rule: 'true', messageExpression: '1 + 1' }, 'evaluate to string'],
    ['messageExpression', { rule: 'true', messageExpression: 'nobody()' }, 'compilation failed'],
    ['messageExpression', { rule: 'true', messageExpression: '' }, 'non-empty'],
    ['reason', { rule: 'true', reason: 'Because' }, 'supported values'],
    ['fieldPath', { rule: 'true', fieldPath: 'mode' }, 'must be a valid path'],
    ['fieldPath', { rule: 'true', fieldPath: '.nobody' }, 'does not refer to a valid field'],
  ])('is refused for its %s: %j', (field, wrong, message) => {
    const schema = readSchema({
      type: 'object',
      properties: { mode: { type: 'string' } },
      'x-kubernetes-validations': [wrong],
    });
    expect(validateRules(schema, 's')).toMatchObject([
      {
        field: `s.x-kubernetes-validations[0].${field}`,
        message: expect.stringContaining(message) as string,
      },
    ]);
  });

  it('about the value before is refused where nobody can tell which that was', () => {
    const items = { type: 'string', 'x-kubernetes-validations': rule('self == oldSelf') };
    const list = (type: string): Json => ({ type: 'array', 'x-kubernetes-list-type': type, items });
    expect(validateRules(readSchema(list('set')), 's')).toMatchObject([
      { message: expect.stringContaining('uncorrelatable') as string },
    ]);
    expect(validateRules(readSchema(list('map')), 's')).toEqual([]);
  });

  it.each(['self.', 'nobody(self)', 'other == 1', '1 + 1', ''])(
    'is refused with its definition when it is none: %s',
    (text) => {
      const schema = readSchema({ type: 'object', 'x-kubernetes-validations': rule(text) });
      expect(validateRules(schema, 's')).toMatchObject([
        { field: 's.x-kubernetes-validations[0].rule' },
      ]);
    },
  );
});
