import { configMaps, pods } from '@skerry/cloudhub/kube/resource';
import { objectKey, resourceName } from '@skerry/shared/names';
import { keyOf, type Meaning } from './cluster.ts';
import type { EdgeSite } from './edge-site.ts';
import type { HubSite } from './hub-site.ts';
import type { Seeded } from './seeded.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

/** One thing that happens; returns what it was, in words. */
type Step = (world: World, random: Seeded) => string;

const podNames = ['p0', 'p1', 'p2', 'p3', 'p4'] as const;
const configNames = ['c0', 'c1', 'c2'] as const;
const day = 24 * 3_600_000;

function meaningOf(world: World, random: Seeded, name: string): Meaning {
  const held = world.cluster.find(keyOf(pods, name));
  if (held && random.chance(0.4)) return held; // a status comes back
  const moves = !held || random.chance(0.4);
  return {
    node: moves ? placeOf(world, random) : held.node,
    refers: moves ? configNames.filter(() => random.chance(0.5)) : held.refers,
    generation: (held?.generation ?? 0) + 1,
  };
}

function placeOf(world: World, random: Seeded): Meaning['node'] {
  return random.chance(0.1) ? undefined : random.pick(world.edges).node;
}

const writePod: Step = (world, random) => {
  const name = random.pick(podNames);
  const meaning = meaningOf(world, random, name);
  world.cluster.put(pods, name, meaning);
  return `writes ${name} for ${meaning.node ?? 'nobody'}, with ${meaning.refers.join(' ') || 'nothing'}`;
};

const writeConfig: Step = (world, random) => {
  const name = random.pick(configNames);
  world.cluster.put(configMaps, name, { refers: [], generation: 1 });
  return `writes ${name}`;
};

const remove: Step = (world, random) => {
  const isPod = random.chance(0.7);
  const name = isPod ? random.pick(podNames) : random.pick(configNames);
  world.cluster.delete(isPod ? pods : configMaps, name);
  return `deletes ${name}`;
};

const recreate: Step = (world, random) => {
  const name = random.pick(podNames);
  const meaning = meaningOf(world, random, name);
  world.cluster.delete(pods, name);
  world.cluster.put(pods, name, meaning);
  return `replaces ${name} for ${meaning.node ?? 'nobody'}`;
};

const burst: Step = (world, random) => {
  const count = random.between(3, 20);
  for (let n = 0; n < count; n++) (random.chance(0.6) ? writePod : writeConfig)(world, random);
  return `writes ${count} times`;
};

const reportSome: Step = (world, random) => {
  const edge = random.pick(world.edges);
  const count = random.between(1, 8);
  for (let n = 0; n < count; n++)
    if (random.chance(0.7)) edge.report('status', keyOf(pods, random.pick(podNames)));
    else
      edge.report('event', objectKey(resourceName('events'), 'default', `e${world.reports.size}`));
  return `${edge.name} reports ${count} times`;
};

const crash: Step = (world, random) => {
  const site = random.pick(world.sites);
  if (!site.isUp) return start(site);
  const powerFails = random.chance(0.3);
  world.crash(site, powerFails);
  const lost = random.chance(0.15);
  if (lost) site.wipe();
  world.timeline.after(random.delay(300, 20_000), () => start(site));
  return `${site.name} ${powerFails ? 'loses power' : 'crashes'}${lost ? ' and its disk' : ''}`;
};

const restart: Step = (world, random) => {
  const site = random.pick(world.sites);
  if (!site.isUp) return start(site);
  site.stop().then(
    () => world.timeline.after(random.delay(300, 5_000), () => start(site)),
    (error: unknown) => world.timeline.fail(error),
  );
  return `${site.name} restarts`;
};

function start(site: Site): string {
  if (!site.isUp) site.start();
  return `${site.name} starts`;
}

const cut: Step = (world, random) => {
  const edge = random.pick(world.edges);
  for (const connection of world.connectionsOf(edge)) connection.reset();
  return `${edge.name} is cut off`;
};

const fallSilent: Step = (world, random) => {
  const edge = random.pick(world.edges);
  for (const connection of world.connectionsOf(edge)) connection.silence();
  return `connections of ${edge.name} fall silent`;
};

function pairOf(world: World, random: Seeded): readonly [EdgeSite, HubSite] {
  return [random.pick(world.edges), random.pick(world.hubs)];
}

const partition: Step = (world, random) => {
  const [edge, hub] = pairOf(world, random);
  world.partition(edge, hub);
  world.timeline.after(random.delay(3_000, 60_000), () => world.heal(edge, hub));
  return `no packet passes between ${edge.name} and ${hub.name}`;
};

const lateConnection: Step = (world, random) => {
  const [edge, hub] = pairOf(world, random);
  world.lateConnection(edge, hub);
  return `a connection that ${edge.name} gave up reaches ${hub.name}`;
};

const mislead: Step = (world, random) => {
  const edge = random.pick(world.edges);
  const sent = world.mislead(edge);
  return sent ? `${edge.name} is sent what is outdated` : `${edge.name} holds nothing yet`;
};

const fillDisk: Step = (world, random) => {
  const { name, disk } = random.pick(world.sites);
  disk.isFull = true;
  world.timeline.after(random.delay(500, 20_000), () => (disk.isFull = false));
  return `the disk of ${name} is full`;
};

const jump: Step = (world, random) => {
  const { name, wall } = random.pick(world.sites);
  const days = random.between(-20, 20);
  wall.offsetMs += days * day;
  return `the clock of ${name} jumps by ${days} days`;
};

const refuse: Step = ({ cluster, timeline }, random) => {
  cluster.isRefusing = true;
  if (random.chance(0.5)) cluster.breakWatches();
  if (random.chance(0.3)) cluster.compact();
  timeline.after(random.delay(2_000, 30_000), () => (cluster.isRefusing = false));
  return 'the API server refuses';
};

const breakWatches: Step = ({ cluster }, random) => {
  const compacts = random.chance(0.5);
  if (compacts) cluster.compact();
  cluster.breakWatches();
  return `the watches break${compacts ? ', and what they missed is forgotten' : ''}`;
};

const backUp: Step = ({ cluster }) =>
  cluster.backUp() ? 'the cluster is backed up' : 'the cluster is not backed up again';

const restore: Step = ({ cluster }) =>
  cluster.restore() ? 'the cluster is restored from its backup' : 'there is no backup';

const table: readonly (readonly [weight: number, Step])[] = [
  [16, writePod],
  [8, writeConfig],
  [7, remove],
  [4, recreate],
  [4, burst],
  [12, reportSome],
  [7, crash],
  [3, restart],
  [5, cut],
  [3, fallSilent],
  [4, partition],
  [3, lateConnection],
  [1, mislead],
  [4, fillDisk],
  [2, jump],
  [3, refuse],
  [3, breakWatches],
  [1, backUp],
  [2, restore],
];
const total = table.reduce((sum, [weight]) => sum + weight, 0);

/** What the seed lets happen next. */
export function drawStep(random: Seeded): Step {
  let left = random.next() * total;
  for (const [weight, step] of table) {
    left -= weight;
    if (left < 0) return step;
  }
  return writePod;
}
