import { hostname } from 'node:os';
import { join } from 'node:path';
import { openApiServer } from '@skerry/apiserver/api-server';
import type { DaemonParts } from '@skerry/shared/daemon';
import { runHealthServer, type Checks } from '@skerry/shared/health';
import { maxMessageBytes } from '@skerry/shared/socket';
import { aborted, supervise, whenAborted, type Task } from '@skerry/shared/supervise';
import { openTracing } from '@skerry/shared/tracing/open-tracing';
import { skerryVersion } from '@skerry/shared/version';
import { apiFiles } from './api-files.ts';
import { clusterReads } from './asking/cluster-reads.ts';
import type { CloudHubConfig } from './config.ts';
import { readText } from './read-text.ts';
import { AutonomyKeeper } from './controllers/run-autonomy.ts';
import { hubAlarms } from './alarms/hub-alarms.ts';
import { runNodeLifecycle } from './controllers/run-node-lifecycle.ts';
import { fixedConnection, type KubeConnection } from './kube/connection.ts';
import { KubeClient } from './kube/kube-client.ts';
import { loadKubeconfig } from './kube/kubeconfig.ts';
import { ReaderAs } from './kube/reader-as.ts';
import { nodes } from './kube/resource.ts';
import { Ledger } from './ledger/ledger.ts';
import { openLedgerStore } from './ledger/open-ledger-store.ts';
import { keepLine, readLine } from './ledger/line-record.ts';
import type { Delivery } from './route/delivery.ts';
import { Placement } from './route/placement.ts';
import { serveEdges } from './server/serve-edges.ts';
import type { ClusterLine } from './session/resync.ts';
import type { HubParts, SessionView } from './session/session-parts.ts';
import { countSessions, measureSessions } from './session/observe-sessions.ts';
import { Sessions } from './session/sessions.ts';
import { RefusalEvents } from './sync/refusal-events.ts';
import { runNodeSync } from './sync/run-node-sync.ts';
import { CurrentObjects } from './upstream/current-objects.ts';
import { LeaseKeeper } from './upstream/lease-keeper.ts';
import { tokenIssuer } from './upstream/token-issuer.ts';
import { openUpstream } from './upstream/upstream.ts';
import { NumberLine } from './watch/number-line.ts';
import { runReflectors } from './watch/run-reflectors.ts';
import { watchedResources } from './watch/watched-resources.ts';

/** How long the cluster may take to say how far it is, milliseconds. */
const newestMs = 5_000;
/** Reports that one edge may have unanswered. */
const reportWindow = 64;

interface Pem {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

type Parts = DaemonParts<CloudHubConfig>;

/** The hub, from its configuration to the moment the signal aborts: every part is made and joined here. */
export async function runCloudhub(parts: Parts, signal: AbortSignal): Promise<void> {
  const { config, log } = parts;
  const tls = await readPem(config);
  await using opened = new AsyncDisposableStack();
  const connection = await connect(parts, tls, opened);
  const tracing = opened.use(await openTracing(parts, { name: 'cloudhub', instance: hostname() }));
  const api = opened.use(new KubeClient(connection));
  const store = opened.use(await openLedgerStore(parts));
  const line = new NumberLine(await readLine(store));
  const kinds = watchedResources.map(({ type }) => type);
  const placement = new Placement(kinds.map(({ name }) => name));
  const current = new CurrentObjects(api, placement);
  const cluster = { ...parts, api, placement, current };
  const upward = { ...cluster, log: log.child({ room: 'upstream' }) };
  const upstream = openUpstream({ ...upward, ...config.upstream });
  const graceMs = config.nodeMonitorGraceSeconds * 1_000;
  const leases = new LeaseKeeper({ ...upward, cache: placement, graceMs });
  const refusals = new RefusalEvents({ ...cluster, kinds, log: log.child({ room: 'sync' }) });
  const controlled = { ...cluster, log: log.child({ room: 'controllers' }) };
  const autonomy = new AutonomyKeeper(controlled);
  const sessions = openSessions(parts, {
    ...{ placement, upstream, refusals, tracing, liveness: leases },
    tokens: tokenIssuer(api, placement),
    questions: clusterReads(opened.use(new ReaderAs(connection))),
    ...{ ledger: new Ledger(store), line: clusterLine(line, api) },
  });
  await supervise(drained(signal, sessions, config), {
    upstream: (s) => upstream.run(s),
    leases: (s) => leases.run(s),
    lifecycle: (s) => runNodeLifecycle({ ...controlled, beats: leases, graceMs }, s),
    autonomy: (s) => autonomy.run(s),
    alarms: hubAlarms(cluster),
    ...syncTasks(cluster, sessions, refusals),
    reflectors: (s) => reflectInto(sessions, { ...cluster, line, autonomy }, s),
    line: (s) => keepLine({ ...parts, store, line }, s),
    edges: (s) => serveEdges({ ...cluster, ...config.edges, tls, sessions }, s),
    health: (s) => serveHealth(parts, checks(placement, sessions), s),
    ready: (s) => sayReady(parts, { connection, placement }, s),
  });
}

/** Aborts after `signal`, once every node has been sent away: until then the hub serves them. */
function drained(
  signal: AbortSignal,
  sessions: Sessions,
  { drainSeconds }: CloudHubConfig,
): AbortSignal {
  const done = new AbortController();
  const drain = async (): Promise<void> => {
    await sessions.drain(drainSeconds * 1_000);
    done.abort(signal.reason);
  };
  whenAborted(signal, () => void drain());
  return done.signal;
}

async function sayReady(
  { config, ready }: Parts,
  of: { readonly connection: KubeConnection; readonly placement: Placement },
  signal: AbortSignal,
): Promise<void> {
  await Promise.race([of.placement.whenSynced, aborted(signal)]);
  const { edges, metrics } = config;
  if (!signal.aborted) ready({ api: of.connection.server.href, edges, metrics });
  await aborted(signal);
}

/** What sessions need of the rest of the hub. */
type SessionNeeds = Pick<
  HubParts,
  'ledger' | 'line' | 'upstream' | 'tokens' | 'questions' | 'liveness' | 'tracing'
> & {
  readonly placement: Placement;
  readonly refusals: RefusalEvents;
};

function openSessions({ config, clock, log, metrics }: Parts, needs: SessionNeeds): Sessions {
  const heartbeatMs = config.heartbeatSeconds * 1_000;
  const counted = countSessions(metrics);
  const sessions = new Sessions({
    ...needs,
    limits: { window: config.window, heartbeatMs, maxMessageBytes, reportWindow },
    maxNodes: config.maxNodes,
    hubVersion: skerryVersion,
    clock,
    log: log.child({ room: 'session' }),
    observer: {
      ...counted,
      refused: (node, letter) => {
        counted.refused(node, letter);
        needs.refusals.tell(node, letter);
      },
    },
  });
  measureSessions(metrics, () => sessions.views());
  return sessions;
}

/** What people see of how far nodes are in sync. */
function syncTasks(
  { config, log, ...cluster }: Parts & { readonly api: KubeClient; readonly placement: Placement },
  sessions: Sessions,
  refusals: RefusalEvents,
): Readonly<Record<'refusals' | 'nodeSync', Task>> {
  const { port, advertise: hub = `${hostname()}:${port}` } = config.edges;
  const views = (): readonly SessionView[] => sessions.views();
  const parts = { ...cluster, views, hub, log: log.child({ room: 'sync' }) };
  return { refusals: (s) => refusals.run(s), nodeSync: (s) => runNodeSync(parts, s) };
}

/** Where the cluster's versions stand, for sessions. */
function clusterLine(line: NumberLine, api: KubeClient): ClusterLine {
  return {
    get epoch() {
      return line.epoch;
    },
    get horizon() {
      return line.horizon;
    },
    newest: async () =>
      (await api.list(nodes, { limit: 1 }, AbortSignal.timeout(newestMs))).version,
  };
}

interface Reflected extends Parts {
  readonly api: KubeClient;
  readonly placement: Placement;
  readonly line: NumberLine;
  readonly autonomy: AutonomyKeeper;
}

function reflectInto(
  sessions: Sessions,
  { api, log, autonomy, ...cluster }: Reflected,
  signal: AbortSignal,
): Promise<void> {
  const onDeliveries = (news: readonly Delivery[]): void => {
    sessions.offer(news);
    autonomy.offer(news);
  };
  return runReflectors(
    {
      ...cluster,
      source: api,
      resources: watchedResources,
      onDeliveries,
      onRewound: ({ message }) => sessions.closeAll('session.rewound', message),
      log: log.child({ room: 'watch' }),
    },
    signal,
  );
}

function serveHealth(parts: Parts, ready: Checks, signal: AbortSignal): Promise<void> {
  return runHealthServer({ ...parts, ...parts.config.metrics, ready }, signal);
}

function checks(placement: Placement, sessions: Sessions): Checks {
  return {
    serving: () => (sessions.isDraining ? 'the hub is told to end' : undefined),
    cluster: () => (placement.synced ? undefined : 'not every resource has been listed yet'),
  };
}

/** The cluster that a kubeconfig names, or the API embedded here. */
async function connect(
  { config, clock, random, log, metrics }: Parts,
  tls: Pem,
  opened: AsyncDisposableStack,
): Promise<KubeConnection> {
  if (config.kubeconfig !== undefined)
    return loadKubeconfig({
      file: config.kubeconfig,
      env: process.env,
      monotonic: () => clock.monotonic(),
    });
  const dataDir = join(config.dataDir, 'api');
  const { host, port } = config.api;
  const options = { host, port, dataDir, tls, clock, random, log, metrics };
  const api = opened.use(await openApiServer({ ...options, ...(await apiFiles(config.api)) }));
  return fixedConnection(api.url, tls);
}

async function readPem({ tls }: CloudHubConfig): Promise<Pem> {
  const [ca, cert, key] = await Promise.all([
    readText(tls.ca),
    readText(tls.cert),
    readText(tls.key),
  ]);
  return { ca, cert, key };
}
