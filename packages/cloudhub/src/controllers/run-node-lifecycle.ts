import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import { aborted, supervise } from '@skerry/shared/supervise';
import { WorkQueue, work } from '@skerry/shared/workqueue';
import type { NodeName } from '@skerry/shared/names';
import type { KubeApi } from '../kube/kube-api.ts';
import type { Placement } from '../route/placement.ts';
import type { CurrentObjects } from '../upstream/current-objects.ts';
import { NodeActions } from './node-actions.ts';
import { judgeNode, type NodeAction } from './node-lifecycle.ts';
import { NodeWatch, type Beats } from './node-watch.ts';

/** Time between two looks at all nodes, milliseconds. */
export const nodeMonitorPeriodMs = 1_000;
/** Nodes acted upon at once. */
export const nodeLifecycleConcurrency = 4;

export interface NodeLifecycleParts {
  readonly api: KubeApi;
  readonly placement: Placement;
  readonly current: CurrentObjects;
  /** When this hub last heard of a node. */
  readonly beats: Beats;
  /** Silence after which a node is not shown as healthy any more, milliseconds. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Shows edge nodes that fell silent as such, until `signal` aborts: about `graceMs` after their last sign
 * of life, wherever that was heard (G7). Silence is measured on the hub's own monotonic clock and counts
 * from this call at the earliest: neither a hub that was away nor a clock that was set makes a node look
 * dead.
 */
export async function runNodeLifecycle(
  parts: NodeLifecycleParts,
  signal: AbortSignal,
): Promise<void> {
  const watch = new NodeWatch(parts);
  const queue = new WorkQueue<NodeName>();
  await Promise.race([parts.placement.whenSynced, aborted(signal)]);
  await supervise(signal, {
    look: async (inner) => {
      for (;;) {
        for (const node of watch.look()) queue.add(node);
        await parts.clock.sleep(nodeMonitorPeriodMs, inner);
      }
    },
    act: (inner) => actOn(parts, { watch, queue }, inner),
  });
}

interface Watching {
  readonly watch: NodeWatch;
  readonly queue: WorkQueue<NodeName>;
}

/** What fails is seen again at the next look. */
async function actOn(
  parts: NodeLifecycleParts,
  { watch, queue }: Watching,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, metrics } = parts;
  const actions = new NodeActions({ ...parts, isSilent: (node) => watch.isSilent(node) });
  const done = metrics.counter<'action'>(
    'node_lifecycle_actions_total',
    'What the hub did about nodes that fell silent or came back.',
    ['action'],
  );
  const reconcile = async (node: NodeName, inner: AbortSignal): Promise<undefined> => {
    for (const action of await judge(watch, node, inner)) {
      await actions.carryOut(node, action, inner);
      if (action.do === 'mark-pods-not-ready') watch.podsAreMarked(node);
      log.info({ node, action: action.do }, 'acted on a node');
      done.inc({ action: action.do });
    }
    return undefined;
  };
  const failed = (node: NodeName, error: unknown): undefined => {
    log.debug({ node, code: codeOf(error), reason: messageOf(error) }, 'acting on a node failed');
    return undefined;
  };
  await work({ queue, clock, workers: nodeLifecycleConcurrency, reconcile, failed }, signal);
}

async function judge(watch: NodeWatch, node: NodeName, signal: AbortSignal): Promise<NodeAction[]> {
  await watch.askElsewhere(node, signal);
  const view = watch.view(node);
  return view ? judgeNode(view.facts, view) : [];
}
