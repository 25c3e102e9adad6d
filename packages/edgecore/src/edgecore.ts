import { join, resolve } from 'node:path';
import type { DaemonParts } from '@skerry/shared/daemon';
import { freeBytes } from '@skerry/shared/disk-room';
import { runHealthServer, type Checks } from '@skerry/shared/health';
import type { Log } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import { measuredStore } from '@skerry/shared/measured-store';
import { openStore, type Store } from '@skerry/shared/store';
import { aborted, behind, supervise, type Task } from '@skerry/shared/supervise';
import { openTracing } from '@skerry/shared/tracing/open-tracing';
import { WorkQueue } from '@skerry/shared/workqueue';
import { openAlarming } from './alarming.ts';
import { alarmRoutes } from './alarms/alarm-routes.ts';
import type { Alarms } from './alarms/run-alarms.ts';
import type { EdgeCoreConfig } from './config.ts';
import { runCron } from './cron/run-cron.ts';
import type { RunningBus } from './devices/bus.ts';
import { DesireDesk } from './devices/desire-desk.ts';
import { openBus } from './devices/open-bus.ts';
import { HeardValues } from './devices/heard-values.ts';
import { runDevices } from './devices/run-devices.ts';
import { Dirty } from './dirty-keys.ts';
import { openJudging, type Judging } from './judging.ts';
import { Contact } from './link/contact.ts';
import { HubQuestions } from './link/hub-questions.ts';
import { nodeOfCertificate, readIdentity } from './link/identity.ts';
import { LinkState } from './link/link-state.ts';
import { openReports } from './link/open-reports.ts';
import type { ReportOutbox } from './link/report-outbox.ts';
import { Questions } from './link/questions.ts';
import { TokenRequests } from './link/token-requests.ts';
import { linkTask } from './linking.ts';
import { localApiTask, openLocalSide, type LocalSide } from './local-side.ts';
import { whenComplete } from './meta/completeness.ts';
import { DiskHealth } from './meta/disk-health.ts';
import { MetaStore } from './meta/meta-store.ts';
import { thisMachine } from './node/machine.ts';
import { measureDisk } from './node/measured-disk.ts';
import { MachineResources } from './node/node-resources.ts';
import { runNode } from './node/run-node.ts';
import { runPods, type PodsParts } from './pods/run-pods.ts';
import { systemMounter } from './pods/volumes/mounter.ts';
import { machineRuntimes, type Runtimes } from './runtime/runtimes.ts';
import { stopPods } from './runtime/stop-pods.ts';
import { TurnSpans } from './turn-spans.ts';
import { runVolumes } from './volumes/run-volumes.ts';

/** How long pods may take to stop with the agent, where that was asked for. */
const stopPodsMs = 15_000;

/** One node's objects, of which the agent holds in memory what it acts on. */
const storeBuffers = { writeBytes: 1024 ** 2, cacheBytes: 1024 ** 2 };

type Parts = DaemonParts<EdgeCoreConfig>;

/** The agent, from its configuration to the moment the signal aborts: every part is made and joined here. */
export async function runEdgecore(parts: Parts, signal: AbortSignal): Promise<void> {
  const { config, metrics } = parts;
  const node = nodeOfCertificate((await readIdentity(config.tls)).cert, config.nodeName);
  const disk = new DiskHealth({ ...parts, freeBytes: () => freeBytes(config.dataDir) });
  await using store = await openEdgeStore(parts, disk);
  const meta = await MetaStore.open(store);
  await using tracing = await openTracing(parts, { name: 'edgecore', instance: node });
  const reports = await openReports({ ...parts, store, policies: config.reports, tracing });
  const turns = tracing && new TurnSpans(tracing);
  const dirty = new Dirty({ metrics, observer: turns });
  measureDisk(metrics, config.dataDir);
  for (const { key } of meta.held()) dirty.add(key); // acting may have been cut short: commit, ack, act
  const refresh = new WorkQueue<'node'>();
  const state = new LinkState(metrics, parts.clock, () => refresh.add('node'));
  const contact = await Contact.open(store, parts.clock);
  const side = await openLocalSide(parts, { node, store, meta, reports, contact, dirty });
  const bus = await openBus(parts, config.mqtt, node);
  const asking = { tokens: new TokenRequests(parts.clock), questions: new Questions() };
  const hubQuestions = new HubQuestions(parts.clock);
  const shared = { node, meta, reports, ...asking, hubQuestions };
  const runtimes = openRuntimes(parts, node);
  const heard = new HeardValues(store);
  const own = { ...shared, store, disk, dirty, state, runtimes, heard };
  const judging = await openJudging(parts, { ...own, objects: meta });
  const alarms = await openAlarming(parts, { node, store, side, judgements: judging.board });
  await supervise(signal, {
    ...roomTasks(parts, { ...own, side, refresh, contact, bus, judging }),
    alarms: (s) => alarms.run(s),
    ...judging.tasks,
    contact: (s) => contact.run(s),
    link: linkTask(parts, { ...own, side, contact, tracing, turns }),
    disk: (s) => disk.keepTrying(store, s),
    health: healthTask(parts, { state, disk, judging, alarms }),
    ready: (s) => {
      parts.ready({ node, metrics: config.metrics });
      return aborted(s);
    },
  });
}

function healthTask(
  { config, metrics, logLevel, log }: Parts,
  { alarms, ...own }: Pick<Shared, 'state' | 'disk' | 'judging'> & { readonly alarms: Alarms },
): Task {
  const ready = checks(own);
  const routes = { ...own.judging.routes, ...alarmRoutes(alarms) };
  return (s) => runHealthServer({ ...config.metrics, routes, ready, metrics, logLevel, log }, s);
}

/** What the rooms share. */
interface Shared {
  readonly node: NodeName;
  readonly reports: ReportOutbox;
  readonly store: Store;
  readonly disk: DiskHealth;
  readonly meta: MetaStore;
  readonly side: LocalSide;
  readonly tokens: TokenRequests;
  readonly questions: Questions;
  readonly hubQuestions: HubQuestions;
  readonly dirty: Dirty;
  readonly refresh: WorkQueue<'node'>;
  readonly state: LinkState;
  readonly contact: Contact;
  readonly bus: RunningBus;
  readonly runtimes: Runtimes;
  readonly heard: HeardValues;
  readonly judging: Judging;
}

/** Each acts on what the store holds, with or without a link; services once they may start. */
function roomTasks(
  parts: Parts,
  shared: Shared,
): Readonly<Record<'pods' | 'node' | 'devices' | 'cron' | 'localApi' | 'volumes', Task>> {
  const { config, clock, log } = parts;
  const { node, store, disk, side, dirty, refresh, bus, runtimes, heard, judging } = shared;
  const { local, objects } = side;
  const { started, board: judgements } = judging;
  const { dataDir, history, uploads } = config;
  const volumesDir = resolve(dataDir, 'volumes');
  const ways = { store, bus, history, uploadsUrl: uploads.url };
  const machine = thisMachine;
  const resources = new MachineResources({ machine, dataDir, config: config.node, clock });
  const desires = new DesireDesk();
  const { reporter } = side;
  const room = { ...parts, node, objects, reporter, desires, runtimes, machine, resources };
  const held = { ...room, ...heldParts(shared) };
  const logOf = (name: string): Log => log.child({ room: name });
  return {
    pods: podsTask({ ...held, log: logOf('pods') }, shared),
    cron: behind(started, (s) =>
      runCron({ ...room, store, pods: local, dirty: dirty.cron, log: logOf('cron') }, s),
    ),
    node: (s) => runNode({ ...room, judgements, refresh, volumesDir, log: logOf('node') }, s),
    volumes: volumesTask(parts, shared, volumesDir),
    localApi: localApiTask(parts, side, { ...held, store, disk, hub: shared.hubQuestions }),
    devices: behind(started, (s) => {
      const { questions } = shared;
      const own = { dirty: dirty.devices, questions, log: logOf('devices') };
      return runDevices({ ...room, ...ways, ...own, opened: (twins) => heard.opened(twins) }, s);
    }),
  };
}

/** What is held, as pods see it. */
type Held = Pick<PodsParts, 'objects' | 'reporter' | 'complete' | 'localApi'> & {
  readonly cutOff: Contact;
};

function heldParts({ side, store, state, contact, reports }: Shared): Held {
  const { local, objects, told, writes, podDoors: localApi } = side;
  const complete = whenComplete(store, state.whenLevel);
  complete.catch(() => undefined); // a disk that refuses it only delays the end of orphans
  const reporter = told.before(local.before(writes.before(reports)));
  return { objects: local.beside(objects), reporter, cutOff: contact, complete, localApi };
}

type Room = Parts & Held & Pick<PodsParts, 'node' | 'machine' | 'resources' | 'runtimes'>;

function podsTask(room: Room, { store, tokens, dirty, runtimes, judging }: Shared): Task {
  const { started, verify } = judging;
  const { dataDir, pods } = room.config;
  const clusterDns = { nameservers: pods.clusterDNS, domain: pods.clusterDomain };
  const own = { clusterDns, store, tokenSource: tokens, mounter: systemMounter, dirty: dirty.pods };
  const wishes = { staticDir: pods.staticDir, podsDir: join(dataDir, 'pods'), started, verify };
  return async (signal) => {
    await runPods({ ...room, ...own, ...wishes }, signal);
    if (pods.atShutdown === 'stop')
      await stopPods(runtimes.ready(), AbortSignal.timeout(stopPodsMs));
  };
}

/** What the hub has told alone counts here, not what was written at the node. */
function volumesTask(
  parts: Parts,
  { node, meta, reports, dirty }: Shared,
  directory: string,
): Task {
  const log = parts.log.child({ room: 'volumes' });
  const own = { node, directory, objects: meta, reporter: reports, mounter: systemMounter };
  return (s) => runVolumes({ ...parts, ...own, dirty: dirty.volumes, log }, s);
}

function openEdgeStore(parts: Parts, disk: DiskHealth): Promise<Store> {
  const { config, clock, log } = parts;
  const directory = join(config.dataDir, 'meta');
  const { onCommit } = measuredStore(parts, { store: 'meta', directory });
  return openStore(directory, {
    onCommit: (commit) => onCommit(() => disk.watch(commit)),
    whenCorrupt: 'set-aside',
    buffers: storeBuffers,
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

/** Being cut off is normal: a node without a hub is ready for what it holds, and says so. */
function checks({ state, disk, judging }: Pick<Shared, 'state' | 'disk' | 'judging'>): Checks {
  return { link: () => state.flaw, disk: () => disk.refusal?.why, judgement: judging.ready };
}
