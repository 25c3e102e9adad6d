import { systemClock } from '@skerry/shared/clock';
import type { Command } from '@skerry/shared/command-line';
import { UsageError } from '@skerry/shared/errors';

const kubeconfigDoc = 'how to reach the API; otherwise $KUBECONFIG or ~/.kube/config';

/** `skerry backup`: everything the embedded API holds, into one file, while it runs. */
export const backupCommand: Command = {
  name: 'backup',
  summary: 'Write everything that the embedded Kubernetes API holds into one file, while it runs.',
  details:
    'The file holds all objects as they were at one moment, Secrets and the key that signs tokens ' +
    'among them: keep it as you keep those. It takes an administrator to make one.',
  options: [
    { flags: '--to <file>', doc: 'the file to write' },
    { flags: '--kubeconfig <file>', doc: kubeconfigDoc },
  ],
  examples: [
    {
      command: 'skerry backup --kubeconfig .skerry/kubeconfig --to monday.backup',
      does: 'of the system that skerry up runs here',
    },
  ],
  run: async (said) => {
    const to = said.text('to');
    if (to === undefined)
      throw new UsageError('--to <file> is missing: where is the backup to go?');
    const { takeBackup } = await import('./take-backup.ts');
    const { objects, revision } = await takeBackup({
      to,
      kubeconfig: said.text('kubeconfig'),
      environment: process.env,
      clock: systemClock,
    });
    process.stdout.write(`${to}: ${objects} objects, as they were at version ${revision}\n`);
  },
};

/** `skerry restore`: such a file in the place of what an API holds that does not run. */
export const restoreCommand: Command = {
  name: 'restore',
  summary: 'Put a backup in the place of what a stopped hub’s Kubernetes API holds.',
  details:
    'What was there before is kept beside it. Nodes that held newer objects are brought back to those of ' +
    'the backup when they connect.',
  options: [
    { flags: '--from <file>', doc: 'the backup' },
    {
      flags: '--data-dir <directory>',
      doc: 'where the hub keeps its data (dataDir in its configuration)',
      default: '/var/lib/skerry/cloudhub',
    },
  ],
  examples: [
    {
      command: 'skerry restore --from monday.backup --data-dir .skerry/cloudhub',
      does: 'into the system that skerry up runs here, while it is stopped',
    },
  ],
  run: async (said) => {
    const from = said.text('from');
    if (from === undefined) throw new UsageError('--from <file> is missing: which backup is it?');
    const { restoreStore } = await import('@skerry/apiserver/storage/restore');
    const dataDir = `${said.text('data-dir') ?? ''}/api`;
    const restored = await restoreStore({ file: from, dataDir, now: systemClock.now() });
    const { objects, revision, replaced } = restored;
    process.stdout.write(`${dataDir}: ${objects} objects, as they were at version ${revision}\n`);
    if (replaced !== undefined) process.stdout.write(`what was there before: ${replaced}\n`);
  },
};
