import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { readSchema } from './read-schema.ts';
import { validateRules, ValidationRules } from './validation-rules.ts';

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
