import { objectAt, textAt, type JsonObject } from '../json.ts';
import { objectsAt } from './fill.ts';

const counted = ['cpu', 'memory'] as const;

/**
 * How the node treats a pod when it runs short.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
 */
export function qosClass(spec: JsonObject | undefined): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...objectsAt(spec, 'initContainers'), ...objectsAt(spec, 'containers')];
  if (containers.every(asksForNothing)) return 'BestEffort';
  return containers.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

function asksForNothing(container: JsonObject): boolean {
  return counted.every(
    (name) =>
      amount(container, 'requests', name) === '' && amount(container, 'limits', name) === '',
  );
}

function isGuaranteed(container: JsonObject): boolean {
  return counted.every((name) => {
    const limit = amount(container, 'limits', name);
    return limit !== '' && limit === amount(container, 'requests', name);
  });
}

function amount(container: JsonObject, list: 'requests' | 'limits', name: string): string {
  const value = objectAt(container, 'resources', list)?.[name];
  if (value === undefined || value === null || value === 0) return '';
  return textAt({ value }, 'value') ?? JSON.stringify(value);
}
