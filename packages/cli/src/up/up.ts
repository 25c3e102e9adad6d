import { skerryVersion } from '@skerry/shared/version';
import { writeDurably } from '@skerry/shared/durable-file';
import { installedModule } from '@skerry/shared/installation';
import { Cluster } from '../kube/cluster.ts';
import { startDemo } from './demo.ts';
import { awaitEndOfEarlierStart } from './earlier-start.ts';
import { edgeConfigFile, hubConfigFile } from './configuration.ts';
import { KeptDaemon } from './kept-daemon.ts';
import { applyOurKinds } from './our-kinds.ts';
import { nodeLives } from './node-lives.ts';
import { ensureIdentities, type Identities } from './identities.ts';
import { kubeconfig } from './kubeconfig.ts';
import { boundLogs } from './logs.ts';
import { awaitFreePorts } from './ports.ts';
import { Progress } from './progress.ts';
import type { UpParts, Upping } from './upping.ts';
import { tour } from './tour.ts';
import { loopback, nodeName, type UpSettings } from './settings.ts';
import { forget } from './state.ts';

/**
 * Runs the whole system until `signal` aborts, then ends it in the order in which its parts depend on
 * each other. A daemon that dies is started again; one that cannot live ends all of it (DaemonDied): half
 * a system that looks alive would teach the wrong thing, and the message says why it died.
 */
export async function runUp(
  settings: UpSettings,
  parts: UpParts,
  signal: AbortSignal,
): Promise<void> {
  const { screen, clock } = parts;
  const tell = (sentence: string): unknown => screen.write(`\n${sentence}\n`);
  const up: Upping = { ...parts, settings, tell, progress: new Progress(screen, clock) };
  up.screen.write(`Skerry ${skerryVersion}: a cluster, a hub and an edge node on this machine\n\n`);
  signal.addEventListener('abort', () => tell('Stopping.'));
  await up.progress.step('free ports', () => makeSure(up, signal));
  if (settings.fresh) await up.progress.step('forget', () => forget(settings.places));
  const who = await up.progress.step('certificates', () => identities(up));
  await using hub = await startHub(up, who, signal);
  await hub.during((s) => runBehindHub(up, who, s), signal);
}

/** Nobody else may be here: neither a system that runs, nor one that is still ending. */
async function makeSure({ settings, clock }: Upping, signal: AbortSignal): Promise<void> {
  await awaitFreePorts(settings.ports, clock, signal);
  await awaitEndOfEarlierStart(settings.places.logs, clock, signal);
}

async function runBehindHub(up: Upping, who: Identities, signal: AbortSignal): Promise<void> {
  using cluster = clusterOf(up, who);
  const kinds = (): Promise<readonly string[]> => applyOurKinds(cluster, signal);
  await up.progress.step('our kinds', kinds, (names) => names.join(', '));
  await using edge = await startEdge(up, who, cluster, signal);
  await edge.during((s) => runOnEdge(up, cluster, s), signal);
}

async function runOnEdge(up: Upping, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const demo = up.settings.demo ? await startDemo(up, cluster, signal) : undefined;
  await using thermometer = demo?.thermometer;
  up.screen.write(await tour(up.settings, cluster, demo, signal));
  const live = (s: AbortSignal): Promise<void> => boundLogs(up.settings.places.logs, up.clock, s);
  await (thermometer ? thermometer.during(live, signal) : live(signal));
}

async function identities({ settings, clock }: Upping): Promise<Identities> {
  const who = await ensureIdentities(settings.places.pki, clock.now());
  const access = { server: apiUrl(settings), ca: who.authority.cert, admin: who.admin };
  await writeDurably(settings.places.kubeconfig, kubeconfig(access), 0o600);
  return who;
}

function startHub(up: Upping, who: Identities, signal: AbortSignal): Promise<KeptDaemon> {
  const { settings, progress } = up;
  return progress.step(
    'cloud hub',
    () => startDaemon(up, 'cloudhub', hubConfigFile(settings, who), signal),
    () => `${apiUrl(settings)}, edge nodes at port ${settings.ports.edges}`,
  );
}

function startEdge(
  up: Upping,
  who: Identities,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<KeptDaemon> {
  const since = up.clock.now();
  const start = async (): Promise<KeptDaemon> => {
    const edge = await startDaemon(up, 'edgecore', edgeConfigFile(up.settings, who), signal);
    try {
      await edge.during((s) => nodeLives(cluster, since, s), signal);
      return edge;
    } catch (error) {
      await edge[Symbol.asyncDispose]();
      throw error;
    }
  };
  return up.progress.step(
    `edge node ${nodeName}`,
    start,
    () => `MQTT at ${loopback}:${up.settings.ports.mqtt}`,
  );
}

async function startDaemon(
  { settings, clock, tell }: Upping,
  name: 'cloudhub' | 'edgecore',
  config: string,
  signal: AbortSignal,
): Promise<KeptDaemon> {
  const configFile = `${settings.places.config}/${name}.yaml`;
  await writeDurably(configFile, config, 0o600);
  const module = installedModule(name);
  const logFile = `${settings.places.logs}/${name}.log`;
  const args = ['--config', configFile];
  return KeptDaemon.start({ name, module, args, env: withoutOurs(), logFile, clock, tell }, signal);
}

/** The files we wrote decide, not settings in the environment that were meant for another daemon. */
function withoutOurs(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('SKERRY_'));
  return Object.fromEntries(kept);
}

function clusterOf({ settings, clock }: Upping, who: Identities): Cluster {
  const tls = { ca: who.authority.cert, cert: who.admin.cert, key: who.admin.key };
  return new Cluster(apiUrl(settings), tls, clock);
}

function apiUrl({ ports }: UpSettings): string {
  return `https://${loopback}:${ports.api}`;
}
