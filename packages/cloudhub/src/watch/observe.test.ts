import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configMaps, devices, nodes, pods } from '../kube/resource.ts';
import { MalformedJson } from '../kube/json-span.ts';
import { MalformedObject, observe, observeDeletion } from './observe.ts';
import { watchedResources, type WatchedResource } from './watched-resources.ts';

function rowOf(name: string): WatchedResource {
  return watchedResources.find(({ type }) => type.name === name)!;
}

const metadata = { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '42' };

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}

describe('observe', () => {
  it('keeps the bytes of an object as the server wrote them', () => {
    const written =
      '{"kind":"Device","apiVersion":"devices.kubeedge.io/v1beta1","metadata":' +
      `${JSON.stringify(metadata)},"spec":{"nodeName":"edge-1","big":9007199254740993123, "ä":1.0}}`;
    const observed = observe(rowOf(devices.name), Buffer.from(written));
    expect(text(observed.object)).toBe(written);
    expect(observed).toMatchObject({
      key: 'devices.devices.kubeedge.io/default/web',
      uid: 'u1',
      version: 42n,
      routing: { node: 'edge-1', refers: [] },
    });
  });

  it('takes the managed fields out and nothing else, wherever they stand', () => {
    const managed = { managedFields: [{ manager: 'kubectl', fieldsV1: { 'f:x': {} } }] };
    const places = [
      { ...managed, ...metadata },
      { ...metadata, ...managed },
      { name: 'web', ...managed, namespace: 'default', uid: 'u1', resourceVersion: '42' },
    ];
    for (const [place, space] of places.flatMap((place) => [
      [place, undefined] as const,
      [place, 2] as const,
    ])) {
      const object = {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: place,
        data: { managedFields: 'mine' },
      };
      const { object: bytes } = observe(
        rowOf(configMaps.name),
        Buffer.from(JSON.stringify(object, null, space)),
      );
      expect(JSON.parse(text(bytes))).toEqual({ ...object, metadata });
    }
  });

  it('says what kind an object of a list is', () => {
    const { object } = observe(rowOf(pods.name), Buffer.from(JSON.stringify({ metadata })));
    expect(JSON.parse(text(object))).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata });
  });

  it('does not keep a whole page alive for one of its objects', () => {
    const page = Buffer.from(JSON.stringify({ kind: 'Pod', metadata }));
    const { object } = observe(rowOf(pods.name), page);
    page.fill(0);
    expect(JSON.parse(text(object))).toMatchObject({ metadata });
  });

  it('routes a pod to its node with what it refers to, an unbound one nowhere', () => {
    const spec = { nodeName: 'edge-1', volumes: [{ name: 'a', configMap: { name: 'files' } }] };
    const pod = (value: unknown): Buffer =>
      Buffer.from(JSON.stringify({ kind: 'Pod', metadata, spec: value }));
    expect(observe(rowOf(pods.name), pod(spec)).routing).toEqual({
      node: 'edge-1',
      refers: ['configmaps/default/files'],
    });
    expect(observe(rowOf(pods.name), pod({ ...spec, nodeName: '' })).routing).toEqual({
      refers: [],
    });
  });

  it('routes a Node to itself', () => {
    const node = { kind: 'Node', metadata: { ...metadata, namespace: undefined, name: 'edge-1' } };
    const observed = observe(rowOf(nodes.name), Buffer.from(JSON.stringify(node)));
    expect(observed).toMatchObject({
      key: 'nodes//edge-1',
      routing: { node: 'edge-1', refers: [] },
    });
  });

  it('makes a tombstone of a deletion, at the version of the deletion', () => {
    const last = Buffer.from(JSON.stringify({ metadata, spec: { nodeName: 'edge-1' } }));
    expect(observeDeletion(rowOf(pods.name), last)).toEqual({
      key: 'pods/default/web',
      uid: 'u1',
      version: 42n,
      routing: { refers: [] },
    });
  });

  it('refuses what is no object, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), fc.string(), fc.constant('{"metadata":{"name":"x"}}')),
        (written) => {
          try {
            observe(rowOf(pods.name), Buffer.from(written));
          } catch (error) {
            expect(error instanceof MalformedObject || error instanceof MalformedJson).toBe(true);
          }
        },
      ),
    );
  });
});
