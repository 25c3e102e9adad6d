import { rm } from 'node:fs/promises';
import type { Places } from './settings.ts';

/** Removes what earlier starts left, and nothing else that may be in the same directory. */
export async function forget({ root: _root, ...ours }: Places): Promise<void> {
  for (const place of Object.values(ours)) await rm(place, { recursive: true, force: true });
}
