import { helloObjects, prepareHello, type HelloRuntime } from '../demo/hello.ts';
import { TooLate, type Cluster } from '../kube/cluster.ts';
import { pathOf } from '../kube/manifest.ts';
import { setpointPath, startThermometer } from '../demo/thermometer.ts';
import type { KeptDaemon } from './kept-daemon.ts';
import { loopback, type Ports, type UpSettings } from './settings.ts';
import type { Upping } from './upping.ts';

/** A command line to try, and what it does. */
export interface Try {
  readonly command: string;
  readonly does: string;
}

/** What there is to look at. */
export interface Demo {
  readonly tries: readonly Try[];
  /** The device; its objects outlive it, as those of the pod do. */
  readonly thermometer: KeptDaemon;
}

interface Pod {
  readonly status?: { readonly phase?: string };
}

interface StartedPod {
  readonly runtime: HelloRuntime;
  /** Why the pod is no good, when it is not. */
  readonly trouble?: string;
}

const podSeconds = 30;

/** Makes the demo's objects, unless they are there, and waits until they live. */
export async function startDemo(up: Upping, cluster: Cluster, signal: AbortSignal): Promise<Demo> {
  const { settings, progress } = up;
  await progress.step('demo pod', () => startPod(settings, cluster, signal), remark);
  const { process } = await progress.step(
    'demo thermometer',
    () => startThermometer(up, cluster, signal),
    ({ says }) => says,
  );
  return { tries: tries(settings), thermometer: process };
}

function tries({ ports }: UpSettings): readonly Try[] {
  const patch = JSON.stringify([{ op: 'replace', path: setpointPath, value: '25' }]);
  return [
    { command: 'kubectl get nodes,pods,devices', does: 'what is shown above' },
    { command: `curl ${helloUrl(ports)}`, does: 'what the pod serves: the text of a ConfigMap' },
    {
      command: `kubectl patch device thermometer --type=json -p '${patch}'`,
      does: 'set the thermometer to 25, and see its readings follow',
    },
  ];
}

/** A pod that does not come to run is no reason to stop: the cluster says more about it than we can. */
async function startPod(
  { dockerHost, places, ports }: UpSettings,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<StartedPod> {
  const runtime = await prepareHello({ dockerHost, bin: places.bin }, signal);
  const objects = helloObjects(runtime, ports.hello);
  for (const object of objects) await cluster.create(object, signal);
  const waiting = { what: 'the demo pod', seconds: podSeconds };
  let trouble = 'hello does not run yet; kubectl describe pod hello says why';
  const runs = async ({ status }: Pod): Promise<boolean> => {
    if (status?.phase !== 'Running') return false;
    const silence = await whySilent(helloUrl(ports), signal);
    if (silence !== undefined) trouble = `hello runs, but ${helloUrl(ports)} says ${silence}`;
    return silence === undefined;
  };
  try {
    await cluster.waitFor(pathOf(objects[1]), runs, waiting, signal);
    return { runtime };
  } catch (error) {
    if (error instanceof TooLate) return { runtime, trouble };
    throw error;
  }
}

/** The pod itself is asked: what the cluster remembers may be of an earlier start. */
async function whySilent(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { ok, status } = await fetch(url, { signal });
    return ok ? undefined : `HTTP ${status}`;
  } catch (error) {
    signal.throwIfAborted();
    const { cause } = error as Error; // fetch says “fetch failed”, and why in its cause
    return cause instanceof Error ? cause.message : String(error);
  }
}

function helloUrl({ hello }: Ports): string {
  return `http://${loopback}:${hello}`;
}

function remark({ runtime, trouble }: StartedPod): string {
  const how =
    runtime.type === 'docker'
      ? `in Docker ${runtime.version}`
      : 'as a host process, for there is no Docker Engine';
  return trouble ?? `hello, ${how}`;
}
