import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DaemonParts } from '@skerry/shared/daemon';
import { runHealthServer, type Checks } from '@skerry/shared/health';
import type { Log } from '@skerry/shared/log';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { dial, type Socket } from '@skerry/shared/socket';
import { measuredStore } from '@skerry/shared/measured-store';
import { openStore, type Store } from '@skerry/shared/store';
import { aborted, supervise, type Task } from '@skerry/shared/supervise';
import { skerryVersion } from '@skerry/shared/version';
import { WorkQueue } from '@skerry/shared/workqueue';
import type { EdgeCoreConfig } from './config.ts';
import { runCron } from './cron/run-cron.ts';
import type { RunningBus } from './devices/bus.ts';
import { DesireDesk } from './devices/desire-desk.ts';
import { EmbeddedBus } from './devices/embedded-bus.ts';
import { MqttBus } from './devices/mqtt-bus.ts';
import { runDevices } from './devices/run-devices.ts';
import { Dirty } from './dirty-keys.ts';
import { dialInTurn } from './link/dial-in-turn.ts';
import { Contact } from './link/contact.ts';
import { nodeOfCertificate, readIdentity } from './link/identity.ts';
import { LinkState } from './link/link-state.ts';
import { runLink, type LinkObserver } from './link/link.ts';
import { openReports } from './link/open-reports.ts';
import type { ReportOutbox } from './link/report-outbox.ts';
import { TokenRequests } from './link/token-requests.ts';
import { localApiTask, openLocalSide, type LocalSide } from './local-side.ts';
import { whenComplete } from './meta/completeness.ts';
import { MetaStore } from './meta/meta-store.ts';
import { thisMachine } from './node/machine.ts';
import { MachineResources } from './node/node-resources.ts';
import { runNode } from './node/run-node.ts';
import { runPods } from './pods/run-pods.ts';
import { systemMounter } from './pods/volumes/mounter.ts';
import { machineRuntimes, type Runtimes } from './runtime/runtimes.ts';
import { stopPods } from './runtime/stop-pods.ts';
import { runVolumes } from './volumes/run-volumes.ts';

/** Where an edge opens its WebSocket at the hub. */
const hubPath = '/v1/edge';
/** How long pods may take to stop with the agent, where that was asked for. */
const stopPodsMs = 15_000;

type Parts = DaemonParts<EdgeCoreConfig>;

/** The agent, from its configuration to the moment the signal aborts: every part is made and joined here. */
export async function runEdgecore(parts: Parts, signal: AbortSignal): Promise<void> {
  const { config, log, metrics, logLevel } = parts;
  const node = nodeOfCertificate((await readIdentity(config.tls)).cert, config.nodeName);
  await using store = await openEdgeStore(parts);
  const meta = await MetaStore.open(store);
  const reports = await openReports({ ...parts, store, policies: config.reports });
  const dirty = new Dirty();
  dirty.measure(metrics);
  for (const { key } of meta.held()) dirty.add(key); // acting may have been cut short: commit, ack, act
  const refresh = new WorkQueue<'node'>();
  const state = new LinkState(metrics, () => refresh.add('node'));
  const contact = await Contact.open(store, parts.clock);
  const side = await openLocalSide(parts, { node, store, meta, reports, contact, dirty });
  const bus = await openBus(parts, node);
  const tokens = new TokenRequests(parts.clock);
  const volumesDir = resolve(config.dataDir, 'volumes');
  const shared = { node, meta, reports, tokens, volumesDir };
  await supervise(signal, {
    ...roomTasks(parts, { ...shared, side, store, dirty, refresh, state, contact, bus }),
    volumes: volumesTask(parts, { ...shared, dirty }),
    contact: (s) => contact.run(s),
    link: linkTask(parts, {
      ...shared,
      state: both(state, contact),
      wake: side.wake,
      unapplied: () => dirty.size,
    }),
    health: (s) =>
      runHealthServer({ ...config.metrics, ready: checks(state), metrics, logLevel, log }, s),
    ready: (s) => {
      parts.ready({ node, metrics: config.metrics });
      return aborted(s);
    },
  });
}

/** What the rooms share. */
interface Shared {
  readonly node: NodeName;
  readonly reports: ReportOutbox;
  readonly store: Store;
  readonly meta: MetaStore;
  readonly side: LocalSide;
  readonly tokens: TokenRequests;
  /** Where this machine keeps volumes; absolute. */
  readonly volumesDir: string;
  readonly dirty: Dirty;
  readonly refresh: WorkQueue<'node'>;
  readonly state: LinkState;
  readonly contact: Contact;
  readonly bus: RunningBus;
}

/** Each acts on what the store holds, with or without a link. */
function roomTasks(
  parts: Parts,
  shared: Shared,
): Readonly<Record<'pods' | 'node' | 'devices' | 'cron' | 'localApi', Task>> {
  const { config, clock, log } = parts;
  const { node, store, side, tokens, dirty, refresh, state, contact, bus, volumesDir } = shared;
  const { local, objects, reporter } = side;
  const runtimes = openRuntimes(parts, node);
  const complete = whenComplete(store, state.whenLevel);
  complete.catch(() => undefined); // a disk that refuses it only delays the end of orphans
  const { dataDir, history } = config;
  const machine = thisMachine;
  const resources = new MachineResources({ machine, dataDir, config: config.node, clock });
  const desires = new DesireDesk();
  const room = { ...parts, node, objects, reporter, desires, runtimes, machine, resources };
  const held = {
    ...room,
    objects: local.beside(objects),
    reporter: side.told.before(local.before(side.writes.before(shared.reports))),
    cutOff: contact,
    complete,
  };
  const podsDir = join(dataDir, 'pods');
  const logOf = (name: string): Log => log.child({ room: name });
  return {
    pods: async (s) => {
      const { staticDir, clusterDNS: nameservers, clusterDomain: domain } = config.pods;
      const clusterDns = { nameservers, domain };
      const own = { store, tokenSource: tokens, mounter: systemMounter, staticDir, clusterDns };
      await runPods({ ...held, ...own, dirty: dirty.pods, podsDir, log: logOf('pods') }, s);
      if (config.pods.atShutdown === 'stop')
        await stopPods(runtimes.ready(), AbortSignal.timeout(stopPodsMs));
    },
    cron: (s) => runCron({ ...room, store, pods: local, dirty: dirty.cron, log: logOf('cron') }, s),
    node: (s) => runNode({ ...room, refresh, volumesDir, log: logOf('node') }, s),
    localApi: localApiTask(parts, side, { ...held, store }),
    devices: (s) =>
      runDevices({ ...room, dirty: dirty.devices, store, bus, history, log: logOf('devices') }, s),
  };
}

/** What the hub has told alone counts here, not what was written at the node. */
function volumesTask(
  parts: Parts,
  {
    node,
    meta,
    reports,
    dirty,
    volumesDir: directory,
  }: Pick<Shared, 'node' | 'meta' | 'reports' | 'dirty' | 'volumesDir'>,
): Task {
  const log = parts.log.child({ room: 'volumes' });
  const own = { node, directory, objects: meta, reporter: reports, mounter: systemMounter };
  return (s) => runVolumes({ ...parts, ...own, dirty: dirty.volumes, log }, s);
}

function openEdgeStore(parts: Parts): Promise<Store> {
  const { config, clock, log } = parts;
  const directory = join(config.dataDir, 'meta');
  return openStore(directory, {
    ...measuredStore(parts, { store: 'meta', directory }),
    whenCorrupt: 'set-aside',
    now: () => clock.now(),
    onSetAside: (path) =>
      log.error(
        { path },
        'the store was unreadable and has been set aside; the hub will fill a new one',
      ),
    onDamaged: (count, example) =>
      log.error({ count, example }, 'damaged entries of the store were deleted'),
  });
}

function openRuntimes({ config, clock, log, metrics }: Parts, node: NodeName): Runtimes {
  return machineRuntimes({
    dockerAddress: config.docker.host,
    owner: config.docker.owner ?? node,
    seccompDir: join(config.dataDir, 'seccomp'),
    processStateDir: join(config.dataDir, 'processes'),
    hostAddress: () => thisMachine.address(),
    clock,
    metrics,
    log: log.child({ room: 'runtime' }),
  });
}

function linkTask(parts: Parts, rest: LinkRest): Task {
  const { config, clock, random, log } = parts;
  const { url, alternates, dialTimeoutSeconds, redial } = config.hub;
  const dialHub = dialInTurn([url, ...alternates], async (hub, signal): Promise<Socket> => {
    const identity = await readIdentity(config.tls); // read anew: certificates are renewed
    const timeoutMs = dialTimeoutSeconds * 1_000;
    return dial(new URL(hubPath, hub).href, { ...identity, timeoutMs }, signal);
  });
  const { node, state, ...holds } = rest;
  return async (signal) => {
    const identity = { node, agentVersion: skerryVersion, bootId: await bootId() };
    const link = { ...holds, dial: dialHub, identity, redial, clock, random, observer: state };
    await runLink({ ...link, log: log.child({ room: 'link' }) }, signal);
  };
}

/** What the link says, to both who want to know it. */
function both(state: LinkState, contact: Contact): LinkObserver {
  return {
    up: (welcome) => {
      state.up(welcome);
      contact.up();
    },
    levelled: state.levelled,
    down: (why) => {
      state.down(why);
      contact.down();
    },
    roundTrip: state.roundTrip,
  };
}

/** What the link needs of the rest of the agent. */
interface LinkRest {
  readonly node: NodeName;
  readonly state: LinkObserver;
  readonly meta: MetaStore;
  readonly reports: ReportOutbox;
  readonly tokens: TokenRequests;
  readonly wake: (key: ObjectKey) => void;
  readonly unapplied: () => number;
}

/** Changes with every boot of the machine. */
async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** Our own broker, or the way to somebody else's. */
async function openBus(parts: Parts, node: NodeName): Promise<RunningBus> {
  const { mode, host, port, url, username, password, ca, version, session } = parts.config.mqtt;
  const log = parts.log.child({ room: 'broker' });
  if (mode === 'embedded') return new EmbeddedBus({ ...parts, host, port, log });
  const settings = {
    url: url ?? `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`,
    version,
    session,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca: await readFile(ca, 'utf8') }),
  };
  return new MqttBus({ ...parts, settings, clientId: `skerry-${node}`, log });
}

/** Being cut off is normal: a node without a hub is ready for what it holds, and says so. */
function checks(link: LinkState): Checks {
  return { link: () => link.flaw };
}
