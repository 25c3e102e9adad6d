import { runDaemonMain } from '@skerry/shared/daemon';
import { aborted, supervise } from '@skerry/shared/supervise';
import { skerryVersion } from '@skerry/shared/version';
import { edgeCoreConfig } from './config.ts';
import { wakeCompilers } from './lean-start.ts';
import { garbageCollector, ownHeapBytes, tidyHeap } from './tidy-heap.ts';
import { verifyCommand } from './verify-command.ts';
import { ownCpuMs, whenBusy } from './when-busy.ts';

await runDaemonMain({
  name: 'edgecore',
  version: skerryVersion,
  summary: 'Run pods and devices on this node, connected or not.',
  details:
    'The agent keeps what the hub sends on its own disk, runs it, and reports back when it can.',
  examples: [
    { command: 'edgecore --print-config', does: 'every setting, its meaning and its value' },
    {
      command: 'edgecore --config /etc/skerry/edgecore.yaml --log-format pretty',
      does: 'run it and read along',
    },
    {
      command: 'edgecore verify',
      does: 'measure now whether this node may start its services',
    },
    {
      command: 'SKERRY_HUB_URL=wss://hub.example:10000 edgecore',
      does: 'set single values from the environment',
    },
  ],
  metricsPrefix: 'skerry_edge',
  config: edgeCoreConfig,
  commands: [verifyCommand],
  flags: [{ flags: '--hub <url>', doc: 'where the hub listens', setting: 'hub.url' }],
  run: async (parts, signal) => {
    const { runEdgecore } = await import('./edgecore.ts');
    const { clock } = parts;
    const collect = garbageCollector();
    await supervise(signal, {
      edgecore: (s) => runEdgecore(parts, s),
      compilers: async (s) => {
        await whenBusy({ clock, cpuMs: ownCpuMs }, s);
        wakeCompilers();
        await aborted(s);
      },
      ...(collect && {
        heap: (s) => tidyHeap({ clock, cpuMs: ownCpuMs, heapBytes: ownHeapBytes, collect }, s),
      }),
    });
  },
});
