import type { Cluster } from '../kube/cluster.ts';
import { printTable } from '../kube/table.ts';
import type { Demo } from './demo.ts';
import type { UpSettings } from './settings.ts';

const devices = '/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices';
const shown = [
  ['nodes', '/api/v1/nodes'],
  ['pods', '/api/v1/namespaces/default/pods'],
  ['devices', devices],
] as const;

/** The last screen of a start: what there is now, how to look at it, three things to try. */
export async function tour(
  { places }: UpSettings,
  cluster: Cluster,
  demo: Demo | undefined,
  signal: AbortSignal,
): Promise<string> {
  const tables = await Promise.all(
    shown.map(async ([word, path]) => {
      const table = await cluster.table(path, signal);
      return table.rows.length === 0 ? [] : [`$ kubectl get ${word}\n${printTable(table)}\n`];
    }),
  );
  const tries = demo?.tries ?? [{ command: 'kubectl get nodes -o wide', does: 'the node' }];
  const lines = tries.flatMap(({ command, does }) => [`  # ${does}`, `  ${command}`, '']);
  return [
    '',
    ...tables.flat(),
    'In another terminal:',
    '',
    `  export KUBECONFIG=${shellWord(places.kubeconfig)}`,
    '',
    ...lines,
    `Logs are in ${places.logs}. Ctrl-C stops everything; the next start goes on from here.`,
    '',
  ].join('\n');
}

/** As a POSIX shell reads it back. */
function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
