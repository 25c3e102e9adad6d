import type { DaemonCommand } from '@skerry/shared/daemon';
import type { EdgeCoreConfig } from './config.ts';

/** `edgecore verify`: what the verifier does before services start, by hand. */
export const verifyCommand: DaemonCommand<EdgeCoreConfig> = {
  name: 'verify',
  summary: 'Verify now whether this node may start its services.',
  details:
    'Measures every unit of the StatusJudgements of this node once (or of those that are named), reads ' +
    'their logs, and says what that comes to. Asks the agent when it runs, otherwise looks by itself. ' +
    'Exits with 1 when one is Blocked, with 0 when none is.',
  rest: 'names',
  options: [
    {
      flags: '-o, --output <format>',
      doc: 'how it is shown',
      choices: ['table', 'json'],
      default: 'table',
    },
  ],
  examples: [
    { command: 'edgecore verify', does: 'by every judgement of this node' },
    { command: 'edgecore verify site-health -o json', does: 'by one, for a program' },
  ],
  run: async (config, said) => {
    const { runVerify } = await import('./run-verify.ts'); // an agent that runs never needs it
    await runVerify(config, said);
  },
};
