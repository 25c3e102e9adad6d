import { configMaps, pods } from '@skerry/cloudhub/kube/resource';
import { objectKey, resourceName } from '@skerry/shared/names';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EdgeSite } from './parts/edge-site.ts';
import type { HubSite } from './parts/hub-site.ts';
import { Timeline } from './parts/timeline.ts';
import { World } from './parts/world.ts';

describe('a hub and an edge', () => {
  let world: World;
  let hub: HubSite;
  let edge: EdgeSite;

  beforeEach(async () => {
    world = new World(new Timeline(1), { hubs: 1, edges: 1 });
    [hub] = world.hubs;
    [edge] = world.edges;
    const refers = ['c0', 'c1', 'c2'];
    for (const name of refers) world.cluster.put(configMaps, name, { refers: [], generation: 1 });
    for (const name of ['p0', 'p1', 'p2', 'p3'])
      world.cluster.put(pods, name, { node: edge.node, refers, generation: 1 });
    world.healAll(); // starts them
    await world.settle();
    expect(hub.delivered).toBe(7);
  });

  function touch(): void {
    world.cluster.put(configMaps, 'c0', { refers: [], generation: 1 });
  }

  it('exchange nothing again that was acknowledged, after either was restarted', async () => {
    for (const site of [hub, edge]) {
      world.crash(site, false);
      site.start();
      await world.settle();
    }
    touch();
    await world.settle();
    expect(hub.delivered).toBe(8);
  });

  it('exchange no object again when the ledger is lost', async () => {
    world.crash(hub, false);
    hub.wipe();
    hub.start();
    touch();
    await world.settle();
    expect(hub.delivered).toBe(8);
  });

  it('exchange everything again when the node has lost its disk', async () => {
    world.crash(edge, true);
    edge.wipe();
    edge.start();
    await world.settle();
    expect(hub.delivered).toBe(14);
  });

  it('bring reports made while the hub was down to the cluster, the newest of each status', async () => {
    world.crash(hub, true);
    for (const name of ['e0', 'e1', 'e2'])
      edge.report('event', objectKey(resourceName('events'), 'default', name));
    for (let n = 0; n < 50; n++)
      edge.report('status', objectKey(resourceName('pods'), 'default', 'p0'));
    await world.timeline.advance(60_000);
    expect(edge.reports?.size).toBe(4);
    hub.start();
    await world.settle();
    expect(world.reports.accepted).toEqual([
      ...['events/default/e0', 'events/default/e1', 'events/default/e2'],
      'pods/default/p0',
    ]);
  });
});
