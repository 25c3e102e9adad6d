import { createReadStream, createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { readBackup } from '@skerry/apiserver/storage/backup';
import { loadKubeconfig } from '@skerry/cloudhub/kube/kubeconfig';
import { Transport } from '@skerry/cloudhub/kube/transport';
import type { Clock } from '@skerry/shared/clock';

export interface TakingBackup {
  /** The file to write. */
  readonly to: string;
  readonly kubeconfig: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

export interface Taken {
  readonly objects: number;
  readonly revision: number;
}

const secretMode = 0o600;

/** The file is there under its name only once all of it has been read again. */
export async function takeBackup({
  to,
  kubeconfig,
  environment,
  clock,
}: TakingBackup): Promise<Taken> {
  const monotonic = (): number => clock.monotonic();
  const connection = await loadKubeconfig({ file: kubeconfig, env: environment, monotonic });
  using transport = new Transport(connection);
  const draft = `${to}.part`;
  const { signal } = new AbortController();
  const body = transport.stream({ method: 'GET', path: '/skerry.io/backup' }, signal);
  await pipeline(body, createWriteStream(draft, { mode: secretMode }));
  let [objects, revision] = [0, 0];
  for await (const entry of readBackup(createReadStream(draft))) {
    if (entry.type === 'head') revision = entry.revision;
    if (entry.type === 'object') objects += 1;
  }
  await rename(draft, to);
  return { objects, revision };
}
