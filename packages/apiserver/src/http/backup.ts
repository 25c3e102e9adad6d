import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { kubeTime, type Clock } from '@skerry/shared/clock';
import type { TokenSigner } from '../auth/token-signer.ts';
import { backupLines } from '../storage/backup.ts';
import type { ObjectStore } from '../storage/object-store.ts';

/** A backup of everything; only those who may do anything may have it. */
export const backupPath = '/skerry.io/backup';

export interface BackupParts {
  readonly store: ObjectStore;
  readonly signer: TokenSigner;
  readonly clock: Clock;
}

/** Writes the state of this moment as fast as the client reads it; writes go on meanwhile. */
export async function sendBackup(
  { store, signer, clock }: BackupParts,
  response: ServerResponse,
): Promise<void> {
  const lines = backupLines({
    snapshot: store.snapshot(),
    files: { 'service-account.key': signer.keyText() },
    takenAt: kubeTime(clock.now()),
  });
  response.writeHead(200, { 'content-type': 'application/gzip', 'cache-control': 'no-store' });
  await pipeline(Readable.from(lines), createGzip(), response);
}
