import type { Clock, Random } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import type { Version } from '@skerry/shared/names';
import { supervise, type Task } from '@skerry/shared/supervise';
import type { KubeSource } from '../kube/kube-api.ts';
import type { Delivery } from '../route/delivery.ts';
import type { Placement } from '../route/placement.ts';
import { Rewound, type NumberLine } from './number-line.ts';
import { reflect, type Reflection } from './reflector.ts';
import type { WatchedResource } from './watched-resources.ts';

export interface ReflectorsParts {
  readonly source: KubeSource;
  readonly resources: readonly WatchedResource[];
  readonly placement: Placement;
  readonly line: NumberLine;
  /** The cluster was restored from a backup: `line` has entered a new epoch, and everything is listed anew. */
  readonly onRewound: (rewound: Rewound) => void;
  /** Given every node's news, in the turn in which it arrived. Must not throw. */
  readonly onDeliveries: (deliveries: readonly Delivery[]) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Keeps the placement level with the cluster: one reflector a resource, until `signal` aborts. */
export async function runReflectors(parts: ReflectorsParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await runAll(parts, signal);
    } catch (error) {
      if (!(error instanceof Rewound)) throw error;
      parts.log.warn({ code: error.code, reason: error.message }, 'everything is listed anew');
      parts.line.rewind(error);
      parts.placement.unlist();
      parts.onRewound(error);
    }
  }
}

async function runAll(parts: ReflectorsParts, signal: AbortSignal): Promise<void> {
  const tasks = parts.resources.map((resource): [string, Task] => [
    resource.type.name,
    (inner) => runOne(parts, resource, inner),
  ]);
  await supervise(signal, Object.fromEntries(tasks));
}

async function runOne(
  parts: ReflectorsParts,
  resource: WatchedResource,
  signal: AbortSignal,
): Promise<void> {
  const { placement, onDeliveries, metrics } = parts;
  const { name } = resource.type;
  const labels = ['resource', 'code'] as const;
  const failures = metrics.counter<'resource' | 'code'>(
    'watch_failures_total',
    'Lists and watches that failed.',
    labels,
  );
  const log = parts.log.child({ resource: name });
  const onFailure = (code: string): void => failures.inc({ resource: name, code });
  for await (const reflection of reflect({ ...parts, resource, log, onFailure }, signal)) {
    const deliveries = take(placement, resource, reflection);
    if (deliveries.length > 0) onDeliveries(deliveries);
    if (reflection.type === 'snapshot')
      log.info(
        { objects: reflection.observed.length, version: String(reflection.version) },
        'listed',
      );
  }
}

function take(
  placement: Placement,
  { type: { name } }: WatchedResource,
  reflection: Reflection,
): readonly Delivery[] {
  switch (reflection.type) {
    case 'snapshot':
      return placement.snapshot(name, reflection.observed, reflection.version);
    case 'change':
      return placement.apply(reflection.observed);
    case 'progress':
      placement.progress(name, reflection.version);
      return [];
    case 'absent': // says nothing about objects known before: a server that starts may not serve its CRDs yet
      return placement.progressOf(name) > 0n ? [] : placement.snapshot(name, [], 0n as Version);
  }
}
