import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const dayMs = 86_400_000;

/**
 * Days from `now`, milliseconds since the epoch, until the first certificate of a PEM file expires;
 * negative once it has. Rejects when there is none to read.
 */
export async function daysUntilExpiry(file: string, now: number): Promise<number> {
  const { validTo } = new X509Certificate(await readFile(file));
  return (Date.parse(validTo) - now) / dayMs;
}
