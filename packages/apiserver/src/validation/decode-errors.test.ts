import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { decodeErrors } from './decode-errors.ts';

describe('decodeErrors', () => {
  const container = (fields: Record<string, Json>): Json => ({ spec: { containers: [fields] } });

  it.each<[string, string, Json, string]>([
    [
      '',
      'Pod',
      container({ resources: { limits: { cpu: 'lots' } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      '',
      'Pod',
      container({ image: 1 }),
      'json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string',
    ],
    [
      '',
      'Pod',
      container({ ports: [{ containerPort: '80' }] }),
      'json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [
      '',
      'Pod',
      container({ stdin: 'yes' }),
      'json: cannot unmarshal string into Go struct field Container.spec.containers.stdin of type bool',
    ],
    [
      '',
      'Pod',
      { spec: { containers: {} } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      '',
      'Pod',
      { spec: [] },
      'json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec',
    ],
    [
      '',
      'Pod',
      { spec: { priority: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32',
    ],
    [
      '',
      'ConfigMap',
      { data: { a: 1 } },
      'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
    [
      '',
      'ConfigMap',
      { data: 'x' },
      'json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string',
    ],
    ['', 'Secret', { data: { a: '!' } }, 'illegal base64 data at input byte 0'],
    [
      'coordination.k8s.io',
      'Lease',
      { spec: { renewTime: 'now' } },
      'parsing time "now" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "now" as "2006"',
    ],
    [
      '',
      'Pod',
      { metadata: { labels: { a: true } } },
      'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      '',
      'Service',
      { spec: { ports: [{ targetPort: {} }] } },
      'json: cannot unmarshal object into Go struct field ServicePort.spec.ports.targetPort of type intstr.IntOrString',
    ],
  ])('%s %s %j', (group, kind, object, error) => {
    expect(decodeErrors(group, kind, object)).toEqual([error]);
  });

  it('has nothing against nulls, unknown fields and other kinds', () => {
    expect(
      decodeErrors('', 'Pod', { metadata: null, spec: { containers: null, bogus: 1 } }),
    ).toEqual([]);
    expect(decodeErrors('example.com', 'Widget', { spec: 1 })).toEqual([]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (spec) => {
        expect(decodeErrors('', 'Pod', { spec: spec as Json })).toBeInstanceOf(Array);
      }),
    );
  });
});
