import type { Sighting } from '@skerry/shared/alarms/alert-rule';
import { at } from '../kube/json-read.ts';
import { conditionsOf } from '../upstream/conditions.ts';
import { edgeLabel } from '../upstream/node-labels.ts';

/**
 * What a Node tells of its silence: since when it is shown as silent, milliseconds since the epoch; undefined
 * of what is no edge node or has never reported. Whichever hub the node is connected to, its Ready condition
 * says it.
 */
export type Quiet = number | 'heard' | undefined;

export function quietOf(node: unknown): Quiet {
  if (at(node, 'metadata', 'labels', edgeLabel) === undefined) return undefined;
  const ready = conditionsOf(at(node, 'status')).find(({ type }) => type === 'Ready');
  if (!ready || ready['reason'] === 'NodeStatusNeverUpdated') return undefined;
  if (ready['status'] !== 'Unknown') return 'heard';
  const turned = Date.parse(String(ready['lastTransitionTime']));
  return Number.isNaN(turned) ? undefined : turned;
}

/**
 * For how long nothing was heard of a node, seconds; 0 while it is heard. It is shown as silent `graceSeconds`
 * after the last sign of life.
 */
export function silenceSeconds(
  quiet: Quiet,
  { now, graceSeconds }: { readonly now: number; readonly graceSeconds: number },
): number | undefined {
  if (quiet === undefined) return undefined;
  return quiet === 'heard' ? 0 : Math.floor(graceSeconds + (now - quiet) / 1_000);
}

export function silenceSighting(seconds: number | undefined): Sighting {
  return { instance: '', labels: {}, value: seconds };
}
