import type { NodeName, ObjectKey, Uid, Version } from '@skerry/shared/names';
import { describe, expect, it } from 'vitest';
import {
  configMaps,
  devices,
  deviceModels,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  secrets,
  statusJudgements,
} from '../kube/resource.ts';
import type { Observed, Routing } from './observed.ts';
import type { Delivery } from './delivery.ts';
import { Placement } from './placement.ts';

const edge1 = 'edge-1' as NodeName;
const edge2 = 'edge-2' as NodeName;
const web = 'pods/default/web';
const api = 'pods/default/api';
const config = 'configmaps/default/config';
const secret = 'secrets/default/secret';
const claim = 'persistentvolumeclaims/default/data';
const volume = 'persistentvolumes//disk';
const resources = [
  pods,
  configMaps,
  secrets,
  nodes,
  devices,
  deviceModels,
  persistentVolumeClaims,
  persistentVolumes,
  statusJudgements,
].map(({ name }) => name);

function object(
  key: string,
  version: number,
  routing: Routing = { refers: [] },
  uid = 'u',
): Observed {
  return {
    key: key as ObjectKey,
    uid: uid as Uid,
    version: BigInt(version) as Version,
    object: Buffer.from(`${key}@${version}`),
    routing,
  };
}

function gone(key: string, version: number): Observed {
  return { ...object(key, version), object: undefined };
}

const on = (node: NodeName, ...refers: string[]): Routing => ({
  node,
  refers: refers as ObjectKey[],
});

function synced(...observed: Observed[]): Placement {
  const placement = new Placement(resources);
  for (const resource of resources)
    placement.snapshot(
      resource,
      observed.filter(({ key }) => key.startsWith(`${resource}/`)),
      100n as Version,
    );
  return placement;
}

/** `+` delivered, `-` deleted, `~` withdrawn. */
const said = (deliveries: readonly Delivery[]): string[] =>
  deliveries.map(({ node, change: { key, version, object, withdrawn } }) => {
    const sign = object ? '+' : withdrawn ? '~' : '-';
    return `${node} ${sign}${key}@${version}`;
  });

const held = (placement: Placement, node: NodeName): string[] =>
  [...placement.needs(node)].map(({ key, version }) => `${key}@${version}`).sort();

describe('Placement', () => {
  it('sends a pod to its node, what it refers to first', () => {
    const placement = synced(object(config, 5), object(secret, 6));
    expect(said(placement.apply(object(web, 110, on(edge1, config, secret))))).toEqual([
      `edge-1 +${config}@5`,
      `edge-1 +${secret}@6`,
      `edge-1 +${web}@110`,
    ]);
    expect(held(placement, edge1)).toEqual([`${config}@5`, `${web}@110`, `${secret}@6`].sort());
    expect(held(placement, edge2)).toEqual([]);
  });

  it('sends an unbound pod nowhere until it is bound', () => {
    const placement = synced(object(config, 5));
    expect(placement.apply(object(web, 110, { refers: [config as ObjectKey] }))).toEqual([]);
    expect(said(placement.apply(object(web, 111, on(edge1, config))))).toEqual([
      `edge-1 +${config}@5`,
      `edge-1 +${web}@111`,
    ]);
  });

  it('sends what a pod refers to once it exists', () => {
    const placement = synced();
    placement.apply(object(web, 110, on(edge1, config)));
    expect(said(placement.apply(object(config, 112)))).toEqual([`edge-1 +${config}@112`]);
  });

  it('sends a change to every node that needs the object, sharing its bytes', () => {
    const placement = synced(
      object(config, 5),
      object(web, 6, on(edge1, config)),
      object(api, 7, on(edge2, config)),
    );
    const deliveries = placement.apply(object(config, 110));
    expect(said(deliveries)).toEqual([`edge-1 +${config}@110`, `edge-2 +${config}@110`]);
    expect(deliveries[0]?.change.object).toBe(deliveries[1]?.change.object);
  });

  it('withdraws what no pod of the node refers to any more, the pod’s end first', () => {
    const placement = synced(
      object(config, 5),
      object(secret, 5),
      object(web, 6, on(edge1, config, secret)),
      object(api, 7, on(edge1, config)),
    );
    expect(said(placement.apply(gone(web, 110)))).toEqual([
      `edge-1 -${web}@110`,
      `edge-1 ~${secret}@5`,
    ]);
    expect(said(placement.apply(gone(api, 111)))).toEqual([
      `edge-1 -${api}@111`,
      `edge-1 ~${config}@5`,
    ]);
    expect(held(placement, edge1)).toEqual([]);
  });

  it('follows a device that moves, with its model', () => {
    const model = 'devicemodels.devices.kubeedge.io/default/m';
    const device = 'devices.devices.kubeedge.io/default/d';
    const placement = synced(object(model, 3), object(device, 4, on(edge1, model)));
    expect(said(placement.apply(object(device, 110, on(edge2, model))))).toEqual([
      `edge-2 +${model}@3`,
      `edge-2 +${device}@110`,
      `edge-1 ~${device}@110`,
      `edge-1 ~${model}@3`,
    ]);
  });

  it('sends a claim with the volume that it is bound to, whenever it becomes so', () => {
    const bound = (version: number, ...volumes: string[]): Observed =>
      object(claim, version, { refers: volumes as ObjectKey[] });
    const placement = synced(object(volume, 3), bound(4));
    expect(said(placement.apply(object(web, 110, on(edge1, claim))))).toEqual([
      `edge-1 +${claim}@4`,
      `edge-1 +${web}@110`,
    ]);
    expect(said(placement.apply(bound(111, volume)))).toEqual([
      `edge-1 +${volume}@3`,
      `edge-1 +${claim}@111`,
    ]);
    expect(said(placement.apply(object(api, 112, on(edge2, claim))))).toEqual([
      `edge-2 +${volume}@3`,
      `edge-2 +${claim}@111`,
      `edge-2 +${api}@112`,
    ]);
    expect(said(placement.apply(gone(web, 113)))).toEqual([
      `edge-1 -${web}@113`,
      `edge-1 ~${claim}@111`,
      `edge-1 ~${volume}@3`,
    ]);
    expect(said(placement.apply(gone(claim, 114)))).toEqual([
      `edge-2 -${claim}@114`,
      `edge-2 ~${volume}@3`,
    ]);
    expect(held(placement, edge2)).toEqual([`${api}@112`]);
  });

  it('tells a node of a deletion at the version of the deletion', () => {
    const placement = synced(object(config, 5), object(web, 6, on(edge1, config)));
    expect(said(placement.apply(gone(config, 110)))).toEqual([`edge-1 -${config}@110`]);
    expect(placement.find(config as ObjectKey)).toBeUndefined();
    expect(said(placement.apply(object(config, 111, undefined, 'v')))).toEqual([
      `edge-1 +${config}@111`,
    ]);
  });

  it('finds in a list what was lost while nobody watched', () => {
    const placement = synced(object(config, 5), object(web, 6, on(edge1, config)));
    expect(said(placement.snapshot(pods.name, [], 120n as Version))).toEqual([
      `edge-1 -${web}@120`,
      `edge-1 ~${config}@5`,
    ]);
    expect(
      said(placement.snapshot(pods.name, [object(web, 121, on(edge1))], 125n as Version)),
    ).toEqual([`edge-1 +${web}@121`]);
  });

  it('has no news when a list or a watch repeats what is known', () => {
    const pod = object(web, 6, on(edge1));
    const placement = synced(pod);
    expect(placement.snapshot(pods.name, [pod], 130n as Version)).toEqual([]);
    expect(placement.apply(pod)).toEqual([]);
    expect(placement.apply(object(web, 5, on(edge2)))).toEqual([]);
  });

  it('places again what it withdrew, at the same version', () => {
    const placement = synced(object(config, 5), object(web, 6, on(edge1, config)));
    placement.apply(gone(web, 110));
    expect(said(placement.apply(object(web, 111, on(edge1, config), 'v')))).toEqual([
      `edge-1 +${config}@5`,
      `edge-1 +${web}@111`,
    ]);
  });

  it('does not let the watch of one resource, running ahead, hide a change of another', () => {
    const placement = synced(object(config, 5));
    expect(said(placement.apply(object(web, 120, on(edge1, config))))).toEqual([
      `edge-1 +${config}@5`,
      `edge-1 +${web}@120`,
    ]);
    expect(said(placement.apply(object(config, 110)))).toEqual([`edge-1 +${config}@110`]);
    expect(said(placement.apply(gone(web, 121)))).toEqual([
      `edge-1 -${web}@121`,
      `edge-1 ~${config}@110`,
    ]);
  });

  it('knows how far each resource has been seen', () => {
    const placement = synced();
    placement.apply(object(web, 120));
    placement.progress(configMaps.name, 110n as Version);
    placement.progress(configMaps.name, 105n as Version);
    expect(placement.progressOf(pods.name)).toBe(120n);
    expect(placement.progressOf(configMaps.name)).toBe(110n);
    expect(placement.progressOf(secrets.name)).toBe(100n);
  });

  it('lets a node speak of what is placed on it and of nothing else', () => {
    const placement = synced(
      object('nodes//edge-1', 3, on(edge1)),
      object(config, 5),
      object(web, 6, on(edge1, config, secret)),
    );
    expect(placement.isPlaced(edge1, 'nodes//edge-1' as ObjectKey)).toBe(true);
    expect(placement.isPlaced(edge1, web as ObjectKey)).toBe(true);
    expect(placement.isPlaced(edge1, config as ObjectKey)).toBe(true);
    expect(placement.isPlaced(edge1, secret as ObjectKey)).toBe(false); // does not exist
    expect(placement.isPlaced(edge2, web as ObjectKey)).toBe(false);
  });

  it('is synced when every resource has been listed', async () => {
    const placement = new Placement([pods.name, configMaps.name]);
    placement.snapshot(pods.name, [], 5n as Version);
    expect(placement.synced).toBe(false);
    placement.snapshot(configMaps.name, [], 5n as Version);
    expect(placement.synced).toBe(true);
    await placement.whenSynced;
  });

  it('lists what is placed on a node by resource', () => {
    const placement = synced(
      object(config, 5),
      object(web, 6, on(edge1, config)),
      object(api, 6, on(edge2)),
    );
    expect([...placement.placedOn(edge1, pods.name)].map(({ key }) => key)).toEqual([web]);
    expect([...placement.all(pods.name)].map(({ key }) => key)).toEqual([web, api]);
  });

  it('places by the labels of nodes, and follows them', () => {
    const judgement = 'statusjudgements.edge.skerry.io//health';
    const selector = JSON.stringify({ matchLabels: { hall: '1' } });
    const node = (name: NodeName, version: number, hall: string): Observed => ({
      ...object(`nodes//${name}`, version, on(name)),
      object: Buffer.from(JSON.stringify({ metadata: { labels: { hall } } })),
    });
    const placement = synced(
      node(edge1, 1, '1'),
      node(edge2, 2, '2'),
      object(judgement, 100, { refers: [], selector }),
    );
    expect(placement.isPlaced(edge1, judgement as ObjectKey)).toBe(true);
    expect(placement.isPlaced(edge2, judgement as ObjectKey)).toBe(false);
    expect(said(placement.apply(node(edge2, 110, '1')))).toEqual([
      `edge-2 +${judgement}@100`,
      'edge-2 +nodes//edge-2@110',
    ]);
    expect(said(placement.apply(node(edge1, 111, '2')))).toEqual([
      'edge-1 +nodes//edge-1@111',
      `edge-1 ~${judgement}@100`,
    ]);
    expect(said(placement.apply(gone(judgement, 112)))).toEqual([`edge-2 -${judgement}@112`]);
  });
});
