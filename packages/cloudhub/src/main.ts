import { runDaemonMain } from '@skerry/shared/daemon';
import { skerryVersion } from '@skerry/shared/version';
import { cloudHubConfig } from './config.ts';

await runDaemonMain({
  name: 'cloudhub',
  version: skerryVersion,
  summary: 'Relay Kubernetes objects to edge nodes and their status back.',
  details:
    'With a kubeconfig, the hub extends that cluster. Without one, it serves a Kubernetes API of its own.',
  examples: [
    { command: 'cloudhub --print-config', does: 'every setting, its meaning and its value' },
    {
      command: 'cloudhub --config /etc/skerry/cloudhub.yaml --log-format pretty',
      does: 'run it and read along',
    },
    {
      command: 'cloudhub --kubeconfig ~/.kube/config',
      does: 'extend the cluster that this kubeconfig names',
    },
  ],
  metricsPrefix: 'skerry_hub',
  config: cloudHubConfig,
  endingSeconds: ({ drainSeconds }) => drainSeconds,
  flags: [{ flags: '--kubeconfig <file>', doc: 'the cluster to extend', setting: 'kubeconfig' }],
  run: async (parts, signal) => {
    const { runCloudhub } = await import('./cloudhub.ts');
    await runCloudhub(parts, signal);
  },
});
