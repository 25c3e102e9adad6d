import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { builtinSchema } from './builtin-schema.ts';
import { unknownFields } from './prune.ts';
import { toTyped } from './typed.ts';

function typed(group: string, kind: string, object: Json): Json {
  return toTyped(object, builtinSchema(group, kind)!);
}

describe('toTyped', () => {
  it('gives a node all that is always written', () => {
    const node = { metadata: { name: 'n', labels: { 'node-role.kubernetes.io/edge': '' } } };
    expect(typed('', 'Node', { ...node, spec: { unschedulable: false } })).toEqual({
      ...node,
      spec: {},
      status: {
        daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
        nodeInfo: {
          machineID: '',
          systemUUID: '',
          bootID: '',
          kernelVersion: '',
          osImage: '',
          containerRuntimeVersion: '',
          kubeletVersion: '',
          kubeProxyVersion: '',
          operatingSystem: '',
          architecture: '',
        },
      },
    });
  });

  it('gives an event the fields of both generations', () => {
    expect(
      typed('', 'Event', {
        metadata: { name: 'e' },
        involvedObject: { kind: 'Pod' },
        source: { component: 'edge' },
        firstTimestamp: '2026-01-01T00:00:00Z',
        bogus: 1,
      }),
    ).toEqual({
      metadata: { name: 'e' },
      involvedObject: { kind: 'Pod' },
      source: { component: 'edge' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: null,
      eventTime: null,
      reportingComponent: '',
      reportingInstance: '',
    });
  });

  it('tells a zero that was meant from one that was not', () => {
    const deployment = typed('apps', 'Deployment', {
      spec: { replicas: 0, minReadySeconds: 0, paused: false, selector: {}, template: {} },
    });
    expect(deployment).toMatchObject({ spec: { replicas: 0, selector: {}, strategy: {} } });
    expect(deployment).not.toHaveProperty('spec.minReadySeconds');
    expect(deployment).not.toHaveProperty('spec.paused');
  });

  it('writes quantities, times and statuses in their canonical form', () => {
    expect(
      typed('', 'Pod', {
        spec: {
          containers: [{ name: 'c', resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }],
        },
        status: {
          startTime: '2026-01-01T01:00:00.5+01:00',
          containerStatuses: [{ name: 'c', ready: true, restartCount: 0, image: 'i', imageID: '' }],
          conditions: [
            { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
          ],
        },
      }),
    ).toEqual({
      metadata: {},
      spec: {
        containers: [{ name: 'c', resources: { limits: { cpu: '500m', memory: '1Gi' } } }],
      },
      status: {
        startTime: '2026-01-01T00:00:00Z',
        conditions: [
          {
            type: 'Ready',
            status: 'True',
            lastProbeTime: null,
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ],
        containerStatuses: [
          {
            name: 'c',
            state: {},
            lastState: {},
            ready: true,
            restartCount: 0,
            image: 'i',
            imageID: '',
          },
        ],
      },
    });
  });

  it('keeps microseconds where they count', () => {
    const renewTime = '2026-01-01T00:00:00.123456Z';
    expect(typed('coordination.k8s.io', 'Lease', { spec: { renewTime } })).toMatchObject({
      spec: { renewTime },
    });
    expect(
      typed('coordination.k8s.io', 'Lease', { spec: { renewTime: '2026-01-01T00:00:00Z' } }),
    ).toMatchObject({ spec: { renewTime: '2026-01-01T00:00:00.000000Z' } });
  });

  it('drops empty maps, keeps nulls out, and keeps what it cannot know', () => {
    expect(
      typed('', 'ConfigMap', { metadata: { labels: {}, annotations: null }, data: {} }),
    ).toEqual({
      metadata: {},
    });
    expect(typed('rbac.authorization.k8s.io', 'Role', {})).toEqual({ metadata: {}, rules: null });
    expect(typed('apps', 'ControllerRevision', { data: { any: [null] }, revision: 1 })).toEqual({
      metadata: {},
      data: { any: [null] },
      revision: 1,
    });
  });

  it('knows every field it leaves, and changes nothing the second time', () => {
    const kinds = fc.constantFrom(['', 'Pod'], ['', 'Node'], ['', 'Event'], ['apps', 'Deployment']);
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(kinds, json, json, ([group = '', kind = ''], spec, status) => {
        const once = typed(group, kind, { metadata: {}, spec, status });
        expect(unknownFields(once, builtinSchema(group, kind)!)).toEqual([]);
        expect(typed(group, kind, once)).toEqual(once);
      }),
    );
  });
});
