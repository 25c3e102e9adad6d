import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fixedConnection } from '@skerry/cloudhub/kube/connection';
import { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import { TestPki } from './certificates.ts';
import type { TestSystem } from './daemons.ts';

/** A client of a test system's API that may do everything: raw requests, faster than kubectl. */
export async function adminClient({ apiUrl, directory }: TestSystem): Promise<KubeClient> {
  const pkiDirectory = join(directory, 'pki');
  await (await TestPki.make(pkiDirectory)).kubeconfig(apiUrl);
  const read = (name: string): Promise<string> => readFile(join(pkiDirectory, name), 'utf8');
  const [ca, cert, key] = await Promise.all([read('ca.crt'), read('admin.crt'), read('admin.key')]);
  return new KubeClient(fixedConnection(apiUrl, { ca, cert, key }));
}
