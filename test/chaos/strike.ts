import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkProxy } from '../support/link-proxy.ts';
import type { ChaosSystem } from './chaos-system.ts';
import type { Fault, FaultPlan, Fill, LinkFault, Planned } from './faults.ts';
import type { Journal } from './journal.ts';

/** Does what was planned; resolves when the last fault is over and everything is whole again. */
export async function strikeAll(
  plan: FaultPlan,
  system: ChaosSystem,
  journal: Journal,
): Promise<void> {
  const began = performance.now();
  const follow = async <F extends Fault>(
    who: string,
    planned: readonly Planned<F>[],
    strike: (fault: F) => Promise<void>,
  ): Promise<void> => {
    for (const { atMs, fault } of planned) {
      const earlyMs = began + atMs - performance.now();
      if (earlyMs > 0) await sleep(earlyMs);
      journal.note(who, JSON.stringify(fault));
      journal.count(`faults ${fault.do}`);
      await strike(fault);
    }
  };
  const { hub, nodes } = system;
  await Promise.all([
    follow('hub', plan.hub, (fault) => hub.crash(fault)),
    follow('disk', plan.disk, (fault) => fillDisk(system, fault, journal)),
    ...nodes.map(({ keeper }, i) =>
      follow(keeper.name, plan.agents[i] ?? [], (fault) => keeper.crash(fault)),
    ),
    ...nodes.map(({ proxy }, i) =>
      follow(`link-${i}`, plan.links[i] ?? [], (fault) => spoil(proxy, fault)),
    ),
  ]);
}

/** Until the fault is over. */
async function spoil(proxy: LinkProxy, fault: LinkFault): Promise<void> {
  switch (fault.do) {
    case 'cut':
      proxy.cut();
      return;
    case 'refuse':
      proxy.refuse();
      proxy.cut();
      break;
    case 'silence':
      proxy.silence();
      break;
    case 'delay':
      proxy.delayMs.up = proxy.delayMs.down = fault.oneWayMs;
      break;
    case 'throttle':
      proxy.bytesPerSecond.up = proxy.bytesPerSecond.down = fault.bytesPerSecond;
      break;
  }
  await sleep(fault.ms);
  proxy.delayMs.up = proxy.delayMs.down = 0;
  proxy.bytesPerSecond.up = proxy.bytesPerSecond.down = Infinity;
  await proxy.restore();
}

async function fillDisk(
  { disk, nodes: [first] }: ChaosSystem,
  { ms, thenKillMs }: Fill,
  journal: Journal,
): Promise<void> {
  const keeper = first?.keeper;
  await disk.fill(keeper?.daemon.pid);
  await sleep(ms);
  await disk.free(keeper?.daemon.pid);
  journal.note('disk', 'has room again');
  if (thenKillMs === undefined) return;
  await sleep(thenKillMs);
  journal.note('disk', 'its agent is killed');
  await keeper?.crash({ do: 'kill', downMs: 0 });
}
