import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DaemonParts } from '@skerry/shared/daemon';
import { reportClasses } from '@skerry/shared/delivery/report';
import { runHealthServer, type Checks } from '@skerry/shared/health';
import type { Log } from '@skerry/shared/log';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { dial, type Socket } from '@skerry/shared/socket';
import { openStore, type Store } from '@skerry/shared/store';
import { aborted, supervise, type Task } from '@skerry/shared/supervise';
import { skerryVersion } from '@skerry/shared/version';
import { WorkQueue } from '@skerry/shared/workqueue';
import type { EdgeCoreConfig } from './config.ts';
import { LocalPods } from './cron/local-pods.ts';
import { runCron } from './cron/run-cron.ts';
import type { RunningBus } from './devices/bus.ts';
import { EmbeddedBus } from './devices/embedded-bus.ts';
import { MqttBus } from './devices/mqtt-bus.ts';
import { runDevices } from './devices/run-devices.ts';
import { Dirty } from './dirty-keys.ts';
import { dialInTurn } from './link/dial-in-turn.ts';
import { Contact } from './link/contact.ts';
import { nodeOfCertificate, readIdentity } from './link/identity.ts';
import { LinkState } from './link/link-state.ts';
import { runLink, type LinkObserver } from './link/link.ts';
import { ReportOutbox } from './link/report-outbox.ts';
import { TokenRequests } from './link/token-requests.ts';
import { News } from './localapi/news.ts';
import { ReportMemory } from './localapi/report-memory.ts';
import { runLocalApi, type RunParts } from './localapi/run-local-api.ts';
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
  const { config, log, metrics } = parts;
  const node = nodeOfCertificate((await readIdentity(config.tls)).cert, config.nodeName);
  await using store = await openEdgeStore(parts);
  const meta = await MetaStore.open(store);
  const reports = await openReports(parts, store);
  const dirty = new Dirty();
  for (const { key } of meta.held()) dirty.add(key); // acting may have been cut short: commit, ack, act
  const refresh = new WorkQueue<'node'>();
  const state = new LinkState(metrics, () => refresh.add('node'));
  const contact = await Contact.open(store, parts.clock);
  const news = new News();
  const told = await ReportMemory.open(reports.waiting());
  told.onNews = news.tell;
  const wake = (key: ObjectKey): void => {
    dirty.add(key);
    news.tell(key);
  };
  const local = await LocalPods.open(store, wake);
  told.isHeld = (key) => meta.versionOf(key) !== undefined || local.has(key);
  const bus = await openBus(parts, node);
  const shared = { node, local, meta, reports, told, news, tokens: new TokenRequests(parts.clock) };
  await supervise(signal, {
    ...roomTasks(parts, { ...shared, store, dirty, refresh, state, contact, bus }),
    contact: (s) => contact.run(s),
    link: linkTask(parts, {
      ...shared,
      state: both(state, contact),
      wake,
      unapplied: () => dirty.size,
    }),
    health: (s) => runHealthServer({ ...config.metrics, ready: checks(state), metrics, log }, s),
    ready: (s) => {
      parts.ready({ node, metrics: config.metrics });
      return aborted(s);
    },
  });
}

/** What the rooms share. */
interface Shared {
  readonly node: NodeName;
  readonly store: Store;
  readonly meta: MetaStore;
  readonly reports: ReportOutbox;
  /** What of them the local API shows. */
  readonly told: ReportMemory;
  readonly news: News;
  readonly tokens: TokenRequests;
  readonly dirty: Dirty;
  readonly refresh: WorkQueue<'node'>;
  readonly state: LinkState;
  readonly contact: Contact;
  readonly local: LocalPods;
  readonly bus: RunningBus;
}

/** Each acts on what the store holds, with or without a link. */
function roomTasks(
  parts: Parts,
  shared: Shared,
): Readonly<Record<'pods' | 'volumes' | 'node' | 'devices' | 'cron' | 'localApi', Task>> {
  const { config, clock, log } = parts;
  const { node, store, meta, reports, tokens, dirty, refresh, state, contact, local, bus } = shared;
  const runtimes = openRuntimes(parts, node);
  const complete = whenComplete(store, state.whenLevel);
  complete.catch(() => undefined); // a disk that refuses it only delays the end of orphans
  const { dataDir, history } = config;
  const machine = thisMachine;
  const resources = new MachineResources({ machine, dataDir, config: config.node, clock });
  const reporter = shared.told.before(reports);
  const room = { ...parts, node, objects: meta, reporter, runtimes, machine, resources };
  const held = {
    ...room,
    objects: local.beside(meta),
    reporter: shared.told.before(local.before(reports)),
    cutOff: contact,
    complete,
  };
  const podsDir = join(dataDir, 'pods');
  const volumesDir = resolve(dataDir, 'volumes');
  const logOf = (name: string): Log => log.child({ room: name });
  return {
    pods: async (s) => {
      const { staticDir } = config.pods;
      const own = { store, tokenSource: tokens, mounter: systemMounter, staticDir };
      await runPods({ ...held, ...own, dirty: dirty.pods, podsDir, log: logOf('pods') }, s);
      if (config.pods.atShutdown === 'stop')
        await stopPods(runtimes.ready(), AbortSignal.timeout(stopPodsMs));
    },
    cron: (s) => runCron({ ...room, store, pods: local, dirty: dirty.cron, log: logOf('cron') }, s),
    volumes: (s) => {
      const own = { directory: volumesDir, reporter: reports, mounter: systemMounter };
      return runVolumes({ ...room, ...own, dirty: dirty.volumes, log: logOf('volumes') }, s);
    },
    node: (s) => runNode({ ...room, refresh, volumesDir, log: logOf('node') }, s),
    localApi: localApiTask(parts, shared, held),
    devices: (s) =>
      runDevices({ ...room, dirty: dirty.devices, store, bus, history, log: logOf('devices') }, s),
  };
}

/** What people and programs at the node see of it, and may do. */
function localApiTask(
  { config, log }: Parts,
  { store, told, news, contact }: Shared,
  held: Omit<RunParts, 'config' | 'dataDir' | 'told' | 'listen' | 'store'>,
): Task {
  const own = { told, listen: news.listen, store, cutOff: contact };
  const room = { config: config.localApi, dataDir: config.dataDir };
  return (s) => runLocalApi({ ...held, ...own, ...room, log: log.child({ room: 'localapi' }) }, s);
}

function openEdgeStore({ config, clock, log }: Parts): Promise<Store> {
  return openStore(join(config.dataDir, 'meta'), {
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

async function openReports({ config, clock, metrics }: Parts, store: Store): Promise<ReportOutbox> {
  const dropped = metrics.counter(
    'reports_dropped_total',
    'Reports that were given up, by class and reason.',
    ['class', 'reason'],
  );
  const reports = await ReportOutbox.open({
    store,
    policies: config.reports,
    clock,
    onDropped: (kind, reason) => dropped.inc({ class: kind, reason }),
  });
  for (const kind of reportClasses)
    metrics.gaugeOf(
      `reports_${kind}_bytes`,
      `Payload of ${kind} reports that the API server has not accepted yet, bytes.`,
      () => reports.bytesOf(kind),
    );
  metrics.gaugeOf(
    'reports_pending',
    'Reports that the API server has not accepted yet.',
    () => reports.size,
  );
  return reports;
}

function openRuntimes({ config, clock, log }: Parts, node: NodeName): Runtimes {
  return machineRuntimes({
    dockerAddress: config.docker.host,
    owner: config.docker.owner ?? node,
    seccompDir: join(config.dataDir, 'seccomp'),
    processStateDir: join(config.dataDir, 'processes'),
    hostAddress: () => thisMachine.address(),
    clock,
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
