import type { Command, Program } from '@skerry/shared/command-line';
import { skerryVersion } from '@skerry/shared/version';
import { alertsCommand } from './alerts/alerts-command.ts';
import { backupCommand, restoreCommand } from './backup/backup-command.ts';
import { completionScript } from './completion.ts';
import { deviceCommand } from './device/device-command.ts';
import { judgeCommand } from './judge/judge-command.ts';
import { logLevelCommand } from './daemon/log-level-command.ts';
import { simCommand } from './sim/sim-command.ts';
import {
  describeCommand,
  getCommand,
  logsCommand,
  restartCommand,
  statusCommand,
} from './site/site-commands.ts';
import { upCommand } from './up/up-command.ts';

const versionCommand: Command = {
  name: 'version',
  summary: 'Print the version of Skerry and of what it runs on.',
  run: () => {
    const { node } = process.versions;
    process.stdout.write(
      `skerry ${skerryVersion} (Node ${node}, ${process.platform}/${process.arch})\n`,
    );
    return Promise.resolve();
  },
};

const completionCommand: Command = {
  name: 'completion',
  summary: 'Print a script that teaches your shell to complete skerry.',
  word: { name: 'shell', choices: ['bash', 'zsh'] },
  examples: [
    { command: 'source <(skerry completion bash)', does: 'this shell only' },
    {
      command: 'skerry completion bash > /etc/bash_completion.d/skerry',
      does: 'every bash from now on',
    },
    {
      command: 'skerry completion zsh > "${fpath[1]}/_skerry"',
      does: 'every zsh from now on',
    },
  ],
  run: ({ words }) => {
    process.stdout.write(completionScript(program, words[0] === 'zsh' ? 'zsh' : 'bash'));
    return Promise.resolve();
  },
};

/** The `skerry` command: what people type. */
export const program: Program = {
  name: 'skerry',
  version: skerryVersion,
  summary: 'Kubernetes objects, pods and devices at the edge, connected or not.',
  examples: [
    { command: 'skerry up', does: 'a whole system on this machine, with something to look at' },
    { command: 'skerry up --help', does: 'what any command does, and how' },
  ],
  commands: [
    upCommand,
    statusCommand,
    getCommand,
    describeCommand,
    logsCommand,
    restartCommand,
    deviceCommand,
    judgeCommand,
    alertsCommand,
    logLevelCommand,
    backupCommand,
    restoreCommand,
    simCommand,
    versionCommand,
    completionCommand,
  ],
};
