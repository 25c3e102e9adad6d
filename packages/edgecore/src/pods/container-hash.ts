import { createHash } from 'node:crypto';
import type { Container } from './pod.ts';

/**
 * Fields that a running container cannot follow. Only these count, and only where they are set, so
 * that a default that a newer API server fills in restarts nothing.
 */
const fixedAtCreation = [
  'image',
  'command',
  'args',
  'workingDir',
  'env',
  'envFrom',
  'ports',
  'volumeMounts',
  'securityContext',
  'resources',
] as const satisfies readonly (keyof Container)[];

/**
 * Equal as long as a running container is what its pod asks for. `restartedAt` is when somebody last asked
 * for it to be begun anew.
 */
export function containerHash(container: Container, restartedAt?: string): string {
  const fixed = fixedAtCreation
    .map((field) => [field, container[field]] as const)
    .filter(([, value]) => value !== undefined);
  return createHash('sha256')
    .update(JSON.stringify(sorted(fixed)))
    .update(restartedAt ?? '')
    .digest('hex')
    .slice(0, 16);
}

/** Keys in order: an API server is free to write an object's fields in any. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, sorted(inner)]);
}
