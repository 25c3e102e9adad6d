import type { Clock } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import type { FakeKube } from '../../kube/testing/fake-kube.ts';
import { Placement } from '../../route/placement.ts';
import { NumberLine } from '../number-line.ts';
import { runReflectors, type ReflectorsParts } from '../run-reflectors.ts';
import { watchedResources } from '../watched-resources.ts';

/** What a hub sees of a cluster: follow it with `run`, as long as it is to be seen. */
export interface ReflectedKube {
  readonly placement: Placement;
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export function reflectKube(
  kube: FakeKube,
  clock: Clock,
  onDeliveries: ReflectorsParts['onDeliveries'] = () => undefined,
): ReflectedKube {
  const placement = new Placement(watchedResources.map(({ type }) => type.name));
  const parts: ReflectorsParts = {
    placement,
    clock,
    log: silentLog,
    metrics: noMetrics,
    source: kube,
    resources: watchedResources,
    random: () => 0.5,
    line: new NumberLine(),
    onDeliveries,
    onRewound: () => undefined,
  };
  return { placement, run: (signal) => runReflectors(parts, signal) };
}
