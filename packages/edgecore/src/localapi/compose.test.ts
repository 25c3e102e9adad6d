import type { Json, KubeObject } from '@skerry/apiserver/json';
import type { ObjectKey } from '@skerry/shared/names';
import { describe, expect, it } from 'vitest';
import { compose, type Known } from './compose.ts';

const podKey = 'pods/default/web' as ObjectKey;
const deviceKey = 'devices.devices.kubeedge.io/default/oven' as ObjectKey;

function held(object: object, pending: readonly string[] = []): Known {
  return { object: object as KubeObject, cloudVersion: '41', pending };
}

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  status: {
    phase: 'Pending',
    qosClass: 'Burstable',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'False' },
    ],
  },
};

describe('what the local API shows of an object', () => {
  it('is the status that the node itself has last said, beside what others say', () => {
    const said = {
      uid: 'u1',
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    };
    expect(compose(podKey, held(pod), said)?.['status']).toEqual({
      phase: 'Running',
      qosClass: 'Burstable',
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: 'True' },
      ],
    });
  });

  it('is not what was said of another that bore the name', () => {
    const said = { uid: 'u0', status: { phase: 'Failed' } };
    expect(compose(podKey, held(pod), said)?.['status']).toEqual(pod.status);
    expect(compose(podKey, held(pod), { ...said, gone: true })?.metadata.uid).toBe('u1');
  });

  it('is nothing once the node has ended it', () => {
    expect(compose(podKey, held(pod), { uid: 'u1', status: {}, gone: true })).toBeUndefined();
    expect(compose(podKey, undefined, undefined)).toBeUndefined();
  });

  it('names the version of the cluster, and what waits for it', () => {
    const { metadata } = compose(podKey, held(pod, ['labels/a', 'deletion']), undefined) ?? pod;
    expect(metadata).toMatchObject({
      annotations: {
        'edge.skerry.io/cloud-version': '41',
        'edge.skerry.io/pending': 'labels/a, deletion',
      },
    });
  });

  it('shows a pod of a manifest of the node before the cluster knows of it', () => {
    const mirror = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: {} };
    const said: Json = { uid: 'own', status: { phase: 'Running' }, mirror };
    expect(compose(podKey, undefined, said)).toEqual({
      ...mirror,
      metadata: { name: 'web', uid: 'own' },
      status: { phase: 'Running' },
    });
  });

  it('shows a value that was desired here in place of the one of the cluster', () => {
    const property = (name: string, value: string) => ({ name, desired: { value } });
    const device = {
      apiVersion: 'devices.kubeedge.io/v1beta1',
      kind: 'Device',
      metadata: { name: 'oven', namespace: 'default', uid: 'd1' },
      spec: { nodeName: 'edge-1', properties: [property('heat', '20'), property('fan', 'on')] },
      status: { twins: [{ propertyName: 'fan', reported: { value: 'off' } }] },
    };
    const twins = [{ propertyName: 'heat', reported: { value: '21' } }];
    const desired = [{ property: 'heat', value: '25', over: '20', version: 1, at: 0 }];
    const shown = compose(deviceKey, held(device), { uid: 'd1', status: { twins }, desired });
    expect(shown?.['spec']).toEqual({
      nodeName: 'edge-1',
      properties: [property('heat', '25'), property('fan', 'on')],
    });
    expect(shown?.['status']).toEqual({ twins: [...device.status.twins, ...twins] });
  });
});
