import type { JsonObject } from '@skerry/apiserver/json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MappedProperty } from '../mapper.ts';
import { extract, readPayload, readVisitor, setPayload, type MqttVisitor } from './mqtt-visitor.ts';

function property(visitor: JsonObject, type: MappedProperty['type'] = 'FLOAT'): MappedProperty {
  return { name: 't', type, writable: true, visitor };
}

function visitorOf(config: JsonObject, type?: MappedProperty['type']): MqttVisitor {
  const problems: string[] = [];
  const visitor = readVisitor(property({ topic: 'a', ...config }, type), problems);
  expect(problems).toEqual([]);
  return visitor;
}

function problemsOf(config: JsonObject): string[] {
  const problems: string[] = [];
  readVisitor(property(config), problems);
  return problems;
}

function said(visitor: MqttVisitor, payload: string): ReturnType<typeof extract> {
  return extract(visitor, readPayload(new TextEncoder().encode(payload)));
}

describe('the settings of a property over MQTT', () => {
  it('have defaults for everything but the topic', () => {
    expect(visitorOf({})).toMatchObject({ topic: 'a', path: undefined, qos: 1, retain: false });
    expect(problemsOf({})).toEqual(['property t: neither topic nor setTopic is given']);
  });

  it('are told what is wrong with them, all at once', () => {
    expect(
      problemsOf({
        topic: 'a/+',
        jsonPath: 'temperature',
        timestampUnit: 'h',
        qos: 3,
        jsonpath: '$',
      }),
    ).toEqual([
      'property t: topic holds a wildcard',
      'property t: jsonPath: temperature does not begin with $',
      'property t: timestampUnit is h, not one of s, ms, us, ns',
      'property t: qos is 3, not one of 0, 1, 2',
      'property t: configData has no field jsonpath',
    ]);
  });

  it('may write numbers and booleans as text, as YAML people do', () => {
    expect(visitorOf({ qos: '2', retain: 'true' })).toMatchObject({ qos: 2, retain: true });
  });
});

describe('a payload', () => {
  it('is the value itself without a JSON path', () => {
    expect(said(visitorOf({}), ' 21.4\n')).toEqual({
      do: 'take',
      reading: { property: 't', value: '21.4' },
    });
  });

  it('gives the value and the time that its paths lead to', () => {
    const visitor = visitorOf({ jsonPath: '$.data[0].t', timestampPath: '$.at' });
    expect(said(visitor, '{"data":[{"t":21.4}],"at":1700000000123}')).toEqual({
      do: 'take',
      reading: { property: 't', value: '21.4', sourceTime: 1_700_000_000_123 },
    });
  });

  it.each([
    ['ms', '1700000000123', 1_700_000_000_123],
    ['s', '1700000000.5', 1_700_000_000_500],
    ['us', '1700000000123456', 1_700_000_000_123],
    ['ns', '"1700000000123456789"', 1_700_000_000_123],
    ['ms', '"2023-11-14T22:13:20.123Z"', 1_700_000_000_123],
    ['ms', '"soon"', undefined],
    ['ms', 'true', undefined],
    ['ms', 'null', undefined],
  ])('with a time in %s: %s', (timestampUnit, at, time) => {
    const visitor = visitorOf({ jsonPath: '$.t', timestampPath: '$.at', timestampUnit });
    expect(said(visitor, `{"t":1,"at":${at}}`)).toMatchObject({ do: 'take' });
    const extracted = said(visitor, `{"t":1,"at":${at}}`);
    expect(extracted.do === 'take' && extracted.reading.sourceTime).toBe(time);
  });

  it('says nothing of a property that it lacks', () => {
    const visitor = visitorOf({ jsonPath: '$.t' });
    expect(said(visitor, '{"u":1}')).toEqual({ do: 'skip' });
    expect(said(visitor, '{"t":null}')).toEqual({ do: 'skip' });
    expect(said(visitorOf({}), '')).toEqual({ do: 'skip' });
  });

  it('is refused with a reason when it cannot be read', () => {
    expect(said(visitorOf({ jsonPath: '$.t' }), 'warm')).toMatchObject({ do: 'refuse' });
    expect(said(visitorOf({}), 'warm')).toEqual({
      do: 'refuse',
      why: 'the value of t is not a number',
    });
    const notText = extract(visitorOf({}), readPayload(Uint8Array.from([0xff])));
    expect(notText).toEqual({ do: 'refuse', why: 'the payload is not UTF-8' });
  });

  it('of any bytes does no harm', () => {
    const visitor = visitorOf({ jsonPath: '$.a[0]', timestampPath: '$.b' }, 'STRING');
    const payload = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(payload, (content) => {
        expect(['take', 'skip', 'refuse']).toContain(extract(visitor, readPayload(content)).do);
      }),
    );
  });
});

describe('the payload that asks for a value', () => {
  it('is the value itself, or a document that holds it with its type', () => {
    expect(setPayload(visitorOf({}), '25')).toBe('25');
    expect(setPayload(visitorOf({ setPath: '$.setpoint' }), '25.0')).toBe('{"setpoint":25}');
    expect(setPayload(visitorOf({ setPath: '$.a.b' }, 'STRING'), '25')).toBe('{"a":{"b":"25"}}');
    expect(setPayload(visitorOf({ setPath: '$.on' }, 'BOOLEAN'), 'TRUE')).toBe('{"on":true}');
  });

  it('is understood by the path that made it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const visitor = visitorOf({ jsonPath: '$.a.b', setPath: '$.a.b' });
        const extracted = said(visitor, setPayload(visitor, String(value)));
        expect(extracted.do === 'take' && Number(extracted.reading.value)).toBe(value + 0);
      }),
    );
  });
});
