import { afterAll, beforeAll, expect, it } from 'vitest';
import { showLogsOfFailures, TestSystem } from '../support/daemons.ts';
import { eventually } from '../support/eventually.ts';
import { LinkProxy } from '../support/link-proxy.ts';
import { simCommand } from '../support/sim-command.ts';

const crowd = 200;
const storms = 5;

interface Node {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime: string;
    }[];
  };
}

let system: TestSystem;
let network: LinkProxy;

beforeAll(async () => {
  system = await TestSystem.prepare({ hub: { heartbeatSeconds: 2, nodeMonitorGraceSeconds: 15 } });
  await system.startHub();
  const { hostname: host, port } = new URL(system.edgesUrl);
  network = await LinkProxy.open({ target: { host, port: Number(port) } });
});

afterAll(async () => {
  await network[Symbol.asyncDispose]();
  await system[Symbol.asyncDispose]();
});

showLogsOfFailures(() => system);

/** Each node, whether it is ready, and since when. */
async function readiness(): Promise<Map<string, string>> {
  const listed = await system.kubectl.run(['get', 'nodes', '-o', 'json']);
  const { items } = JSON.parse(listed) as { readonly items: readonly Node[] };
  const of = ({ status }: Node): string => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    return `${ready?.status} since ${ready?.lastTransitionTime}`;
  };
  return new Map(items.map((node) => [node.metadata.name, of(node)]));
}

async function allReady(): Promise<boolean> {
  const states = [...(await readiness()).values()];
  return states.length === crowd + 1 && states.every((state) => state.startsWith('True'));
}

it('of reconnecting nodes leaves a node alone that stayed, and ends with all of them ready', async () => {
  const stayed = await system.addNode();
  await stayed.daemon.start();
  const { child, ended } = simCommand(
    system,
    ...['--hub', `wss://127.0.0.1:${network.port}`, '--nodes', String(crowd), '-o', 'json'],
  );
  try {
    await eventually('all nodes are ready', allReady, 120_000);
    const before = (await readiness()).get(stayed.name);
    for (let storm = 1; storm <= storms; storm++) {
      network.cut();
      const areBack = (): boolean => network.opened >= crowd * (storm + 1);
      await eventually(`storm ${storm} is over`, areBack);
    }
    expect((await readiness()).get(stayed.name)).toBe(before);
    await eventually('all nodes are ready again', allReady, 120_000);
    expect((await readiness()).get(stayed.name)).toBe(before);
  } finally {
    child.kill('SIGINT');
    await ended;
  }
});
