import { readFile, readdir } from 'node:fs/promises';
import { installed } from '@skerry/shared/installation';
import { parseYamlStream } from '@skerry/shared/yaml';
import type { Cluster } from '../kube/cluster.ts';
import { pathOf, type Manifest } from '../kube/manifest.ts';

const directory = installed('deploy/crds/');

interface Definition {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Teaches the cluster the kinds of deploy/crds; resolves with their names once they are served. */
export async function applyOurKinds(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.yaml')).sort();
  const streams = await Promise.all(
    files.map(async (file) => parseYamlStream(await readFile(directory + file, 'utf8'), file)),
  );
  const definitions = streams.flat() as Manifest[];
  for (const definition of definitions) await cluster.apply(definition, signal);
  for (const definition of definitions) {
    const waiting = { what: `establishing ${definition.metadata.name}`, seconds: 10 };
    await cluster.waitFor(pathOf(definition), isEstablished, waiting, signal);
  }
  return definitions.map(({ metadata }) => metadata.name);
}

function isEstablished({ status }: Definition): boolean {
  return (
    status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ===
    true
  );
}
