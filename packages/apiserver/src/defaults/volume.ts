import { objectAt, type JsonObject } from '../json.ts';
import { fill, objectsAt } from './fill.ts';

/** 0644, the mode of a file made from a ConfigMap, a Secret or the pod's own fields. */
const fileMode = 0o644;
const projectedTokenSeconds = 3600;

/** @see https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/ */
export function defaultVolume(volume: JsonObject): void {
  const sources = Object.keys(volume).filter((field) => field !== 'name');
  if (sources.length === 0) volume['emptyDir'] = {};
  for (const source of ['configMap', 'secret', 'downwardAPI', 'projected'])
    fillAt(volume, source, { defaultMode: fileMode });
  fillAt(volume, 'hostPath', { type: '' });
  const downward = objectsAt(objectAt(volume, 'downwardAPI'), 'items');
  for (const item of downward) fillAt(item, 'fieldRef', { apiVersion: 'v1' });
  for (const source of objectsAt(objectAt(volume, 'projected'), 'sources')) {
    fillAt(source, 'serviceAccountToken', { expirationSeconds: projectedTokenSeconds });
    for (const item of objectsAt(objectAt(source, 'downwardAPI'), 'items'))
      fillAt(item, 'fieldRef', { apiVersion: 'v1' });
  }
}

function fillAt(parent: JsonObject, field: string, defaults: JsonObject): void {
  const object = objectAt(parent, field);
  if (object) fill(object, defaults);
}
