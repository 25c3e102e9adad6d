import { linuxProcFs } from '@skerry/shared/port-holder';
import { eventually } from './eventually.ts';

/** A pod that runs as a process of the machine: no engine is needed. `spec` adds to it, or replaces. */
export function processPod(name: string, node: string, spec: object = {}): object {
  const container = { name: 'main', image: 'none', command: ['sleep', '1000'] };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeName: node,
      runtimeClassName: 'process',
      terminationGracePeriodSeconds: 1,
      containers: [container],
      ...spec,
    },
  };
}

/** Ends the processes of pods of the agents whose data are below `directory`: they outlive their agents. */
export async function endProcessPods(directory: string): Promise<void> {
  await eventually('the end of process pods', async () => {
    const left = await processesOf(directory);
    for (const pid of left) process.kill(pid, 'SIGTERM');
    return left.length === 0;
  });
}

async function processesOf(directory: string): Promise<number[]> {
  const pids = (await linuxProcFs.list('/proc')).filter((name) => /^\d+$/.test(name));
  const programs = await Promise.all(pids.map((pid) => linuxProcFs.read(`/proc/${pid}/cmdline`)));
  return pids.filter((_, at) => programs[at]?.startsWith(`${directory}/`)).map(Number);
}
