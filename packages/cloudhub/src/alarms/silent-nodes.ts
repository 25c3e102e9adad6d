import type { Sighting } from '@skerry/shared/alarms/alert-rule';
import { at } from '../kube/json-read.ts';
import { conditionsOf } from '../upstream/conditions.ts';
import { edgeLabel } from '../upstream/node-labels.ts';

/**
 * For how long nothing was heard of a node, seconds: 0 while it is heard, undefined of what is no edge node
 * or has never reported. Whichever hub the node is connected to, its Ready condition says it: that turns
 * Unknown `graceSeconds` after the last sign of life.
 */
export function silenceSeconds(
  node: unknown,
  { now, graceSeconds }: { readonly now: number; readonly graceSeconds: number },
): number | undefined {
  if (at(node, 'metadata', 'labels', edgeLabel) === undefined) return undefined;
  const ready = conditionsOf(at(node, 'status')).find(({ type }) => type === 'Ready');
  if (!ready || ready['reason'] === 'NodeStatusNeverUpdated') return undefined;
  if (ready['status'] !== 'Unknown') return 0;
  const turned = Date.parse(String(ready['lastTransitionTime']));
  return Number.isNaN(turned) ? undefined : Math.floor(graceSeconds + (now - turned) / 1_000);
}

export function silenceSighting(seconds: number | undefined): Sighting {
  return { instance: '', labels: {}, value: seconds };
}
