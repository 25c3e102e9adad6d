import { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import { loadKubeconfig } from '@skerry/cloudhub/kube/kubeconfig';
import type { Clock, Random } from '@skerry/shared/clock';
import { defaultRedial } from '@skerry/edgecore/link/redial';
import { Misconfiguration } from '@skerry/shared/errors';
import type { NodeName } from '@skerry/shared/names';
import type { KeyPair } from '@skerry/shared/pki';
import { dial } from '@skerry/shared/socket';
import { supervise } from '@skerry/shared/supervise';
import { Progress, type Screen } from '../up/progress.ts';
import type { DialAs } from './agent.ts';
import { runChanges } from './changes.ts';
import { Fleet } from './fleet.ts';
import { knock } from './knock.ts';
import { nodeCertificates } from './node-certificates.ts';
import { census, Population } from './population.ts';
import { authorityOf, hubOf, type SimSettings } from './settings.ts';
import { printSummary, summarize } from './summary.ts';
import { watchFleet } from './watch-fleet.ts';

export interface SimParts {
  /** For the summary. */
  readonly out: Screen;
  /** For what goes on. */
  readonly screen: Screen;
  readonly clock: Clock;
  readonly random: Random;
}

/** As an agent's. */
const dialTimeoutMs = 5_000;
/** For taking away what was made. */
const removalMs = 300_000;

/**
 * Simulates edge nodes until the signal aborts or the time is over, then takes away what it made and
 * tells what it saw. Throws HubUnusable, HubIsFull, and Misconfiguration where the settings lead nowhere.
 */
export async function runSim(
  settings: SimSettings,
  parts: SimParts,
  signal: AbortSignal,
): Promise<void> {
  const progress = new Progress(parts.screen, parts.clock);
  const who = census(settings);
  const hub = await hubOf(settings);
  const authority = await authorityOf(settings);
  const issue = (): Promise<ReadonlyMap<NodeName, KeyPair>> =>
    nodeCertificates(authority, who.nodes, parts.clock.now());
  const certificates = await progress.step('certificates', issue, ({ size }) => `${size} nodes`);
  const dialAs = dialWith(hub, authority, certificates);
  await progress.step(
    'hub',
    () => knock(dialAs, who.nodes[0] as NodeName, signal),
    () => hub,
  );
  using api = await clusterOf(settings, parts.clock);
  const population = await Population.find(api, who, signal);
  const { length } = who.devices;
  try {
    await progress.step(
      'devices',
      () => population.settle(signal),
      () => String(length),
    );
    await simulate({ ...parts, settings, api, dialAs, nodes: who.nodes }, signal);
  } finally {
    const patience = AbortSignal.timeout(removalMs);
    await progress.step(
      'clean up',
      () => population.remove(parts.clock, patience),
      (count) => `${count} objects`,
    );
  }
}

interface Simulation extends SimParts {
  readonly settings: SimSettings;
  readonly api: KubeClient;
  readonly dialAs: DialAs;
  readonly nodes: readonly NodeName[];
}

async function simulate(parts: Simulation, signal: AbortSignal): Promise<void> {
  const { settings, clock, out } = parts;
  const { startsPerSecond, reportSeconds, changesPerSecond, durationSeconds, load } = settings;
  const fleet = new Fleet({
    ...parts,
    startsPerSecond,
    reportMs: reportSeconds * 1_000,
    load,
    redial: defaultRedial,
  });
  const milestones = watchFleet(fleet, clock);
  await supervise(signal, {
    fleet: (s) => fleet.run(s),
    changes: (s) => runChanges({ ...parts, fleet, perSecond: changesPerSecond }, s),
    watch: (s) => milestones.run(parts.screen, s),
    time: (s) => clock.sleep((durationSeconds ?? 1e6) * 1_000, s),
  });
  const summary = summarize(fleet, milestones.reached);
  out.write(settings.output === 'json' ? `${JSON.stringify(summary)}\n` : printSummary(summary));
}

function dialWith(
  hub: string,
  { cert: ca }: KeyPair,
  certificates: ReadonlyMap<NodeName, KeyPair>,
): DialAs {
  const url = new URL('/v1/edge', hub).href;
  return (node, signal) => {
    const pair = certificates.get(node);
    if (!pair) throw new Misconfiguration(`no certificate of ${node}`);
    return dial(url, { ca, ...pair, timeoutMs: dialTimeoutMs }, signal);
  };
}

async function clusterOf({ kubeconfig }: SimSettings, clock: Clock): Promise<KubeClient> {
  const monotonic = (): number => clock.monotonic();
  return new KubeClient(await loadKubeconfig({ file: kubeconfig, env: {}, monotonic }));
}
