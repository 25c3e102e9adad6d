import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import type { FieldError } from './field-error.ts';
import { maxAnnotationBytes, validateMetadata, validateMetadataUpdate } from './metadata.ts';
import {
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  labelValueRule,
  pathSegment,
  portName,
  qualifiedName,
} from './names.ts';

function sentences(errors: readonly FieldError[]): string[] {
  return errors.map(({ field, message }) => `${field}: ${message}`);
}

const named = (fields: Record<string, Json>): Json => ({
  name: 'one',
  namespace: 'default',
  ...fields,
});

describe('validateMetadata', () => {
  it('accepts what it should', () => {
    const metadata = named({
      generateName: 'one-',
      labels: { app: 'x', 'example.com/tier': 'Edge_1', empty: '' },
      annotations: { 'Example.com/Note': 'anything at all' },
      finalizers: ['example.com/hold'],
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u', controller: true }],
    });
    expect(validateMetadata(metadata, dnsSubdomain)).toEqual([]);
  });

  it('asks for a name', () => {
    expect(validateMetadata({}, dnsSubdomain)).toEqual([
      {
        reason: 'FieldValueRequired',
        field: 'metadata.name',
        message: 'Required value: name or generateName is required',
      },
    ]);
  });

  it('says what a name should look like', () => {
    expect(validateMetadata({ name: 'Not_A_Name' }, dnsSubdomain)).toEqual([
      {
        reason: 'FieldValueInvalid',
        field: 'metadata.name',
        message:
          "Invalid value: \"Not_A_Name\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      },
    ]);
  });

  it.each<[Record<string, Json>, string]>([
    [
      { labels: { '/x': 'a' } },
      'metadata.labels: Invalid value: "/x": prefix part must be non-empty',
    ],
    [
      { labels: { a: '-' } },
      "metadata.labels: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
    [
      { annotations: { 'a/': '' } },
      'metadata.annotations: Invalid value: "a/": name part must be non-empty',
    ],
    [
      { annotations: { a: 'x'.repeat(maxAnnotationBytes) } },
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ],
    [
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p' }] },
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ],
    [
      { finalizers: ['orphan', 'foregroundDeletion'] },
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ],
  ])('refuses %j', (fields, sentence) => {
    expect(sentences(validateMetadata(named(fields), dnsSubdomain))).toContain(sentence);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(validateMetadata(value as Json, dnsSubdomain)).toBeInstanceOf(Array);
      }),
    );
  });
});

describe('validateMetadataUpdate', () => {
  it('lets labels change and nothing that names the object', () => {
    const held = named({ uid: 'u', labels: { a: '1' } });
    expect(validateMetadataUpdate(named({ uid: 'u', labels: { b: '2' } }), held)).toEqual([]);
    expect(sentences(validateMetadataUpdate(named({ uid: 'v' }), held))).toEqual([
      'metadata.uid: Invalid value: "v": field is immutable',
    ]);
  });

  it('takes no new finalizer while the object is being deleted', () => {
    const held = named({ deletionTimestamp: 't', finalizers: ['example.com/hold'] });
    const next = named({
      deletionTimestamp: 't',
      finalizers: ['example.com/hold', 'example.com/more'],
    });
    expect(sentences(validateMetadataUpdate(next, held))).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
    ]);
    expect(validateMetadataUpdate(named({ deletionTimestamp: 't' }), held)).toEqual([]);
  });
});

describe('name rules', () => {
  it.each([
    [dnsLabel, 'web-1', 'web.1'],
    [dnsLabel, 'a', '-a'],
    [dnsSubdomain, 'a.b-c.d', 'a..b'],
    [dnsSubdomain, '1', ''],
    [dns1035Label, 'web', '1web'],
    [pathSegment, 'system:node', 'a/b'],
    [pathSegment, 'A B', '..'],
    [qualifiedName, 'example.com/My_Name', 'Example.com/x'],
    [qualifiedName, 'x'.repeat(63), 'x'.repeat(64)],
    [labelValueRule, '', 'x'.repeat(64)],
    [portName, 'http-1', 'http--1'],
    [portName, 'a', '80'],
  ])('%# accept and refuse', (rule, good, bad) => {
    expect(rule(good)).toEqual([]);
    expect(rule(bad)).not.toEqual([]);
  });

  it('take linear time', () => {
    const hostile = `${'a-'.repeat(500_000)}!`;
    for (const rule of [dnsSubdomain, dnsLabel, qualifiedName, labelValueRule])
      expect(rule(hostile).length).toBeGreaterThan(0);
  });
});
