import { InvariantViolation } from '@skerry/shared/errors';
import { describe, expect, it } from 'vitest';
import { Notation } from './notation.ts';

const text = `
@io.example.v1 example.com/v1

Thing kind: A thing.
  spec ThingSpec: What is wanted.

ThingSpec: What is wanted of a thing.
  name! string: Its name: unique.
  count *int32: How many.
  rules []string ~: Written even when empty.
  mode string=on(off|on): On or off.
  ports []Port merge=port map=port,protocol: Its ports.
  tags []string merge set
  limits map[quantity]: Limits.
  parts []ThingSpec: It is made of things.
  ...Timed

Port atomic: A port.
  port! int32
  protocol string=TCP

Timed: When.
  since time: Since when.
`;
const meta = `
@io.k8s.meta.v1

ObjectMeta: What every object carries.
  name string
`;

describe('Notation', () => {
  const notation = new Notation([text, meta]);
  const spec = notation.definition('io.example.v1.ThingSpec');
  const { properties } = spec!;

  it('gives kinds an envelope', () => {
    const thing = notation.kind('example.com', 'Thing');
    expect(Object.keys(thing?.properties ?? {})).toEqual([
      'kind',
      'apiVersion',
      'metadata',
      'spec',
    ]);
    expect(thing?.definition).toBe('io.example.v1.Thing');
    expect(notation.kind('', 'Thing')).toBeUndefined();
    expect(notation.kind('example.com', 'Port')).toBeUndefined();
  });

  it('reads what a field is and what it means', () => {
    expect(spec).toMatchObject({
      type: 'object',
      description: 'What is wanted of a thing.',
      required: ['name'],
    });
    expect(properties).toMatchObject({
      name: { type: 'string', description: 'Its name: unique.', whenEmpty: 'print' },
      mode: { type: 'string', default: 'on', enum: ['off', 'on'], whenEmpty: 'omit' },
      limits: { additionalProperties: { format: 'quantity' } },
      since: { format: 'date-time', whenEmpty: 'print' },
    });
  });

  it('tells pointers, values and fields that are always written apart', () => {
    expect(properties?.['count']?.whenEmpty).toBeUndefined();
    expect(properties?.['rules']?.whenEmpty).toBe('print');
    expect(spec?.alwaysPrinted).toEqual(['name', 'rules', 'since']);
  });

  it('reads how lists and structs merge', () => {
    expect(properties?.['ports']).toMatchObject({
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'port',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: { 'x-kubernetes-map-type': 'atomic' },
    });
    expect(properties?.['tags']).toMatchObject({
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-list-type': 'set',
    });
  });

  it('lets a struct contain itself', () => {
    expect(properties?.['parts']?.items?.properties).toBe(properties);
  });

  it.each(['@a\n\nA: x.\n  b Missing', '@a\n\nA: x.\n  b', '@a\n\nA: x.\n  ...Missing'])(
    'does not start with %j',
    (broken) => {
      expect(() => new Notation([broken])).toThrow(InvariantViolation);
    },
  );
});
