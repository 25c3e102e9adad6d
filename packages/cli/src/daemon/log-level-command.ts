import type { Command } from '@skerry/shared/command-line';
import { UsageError } from '@skerry/shared/errors';
import { logLevels } from '@skerry/shared/log';
import { askDaemon, defaultEdge } from './ask-daemon.ts';

/** `skerry log-level`: how much a daemon logs, while it runs. */
export const logLevelCommand: Command = {
  name: 'log-level',
  summary: 'Show or set how much an agent or a hub logs, while it runs.',
  details:
    `Levels: ${logLevels.join(', ')}. It is set on the machine itself, without a restart; the next start takes ` +
    'the configured one (log.level) again.',
  rest: 'level',
  options: [
    {
      flags: '--at <url>',
      doc: "the daemon's address for health and metrics; of a hub: http://127.0.0.1:9640",
      default: defaultEdge,
    },
  ],
  examples: [
    { command: 'skerry log-level', does: 'how much the agent of this node logs' },
    { command: 'skerry log-level debug', does: 'everything, until it is set back or restarted' },
    {
      command: 'skerry log-level info --at http://127.0.0.1:9640',
      does: 'the same for a hub here',
    },
  ],
  run: async (said) => {
    const address = said.text('at') ?? defaultEdge;
    if (!URL.canParse(address)) throw new UsageError(`--at ${address} is not a URL`);
    const answer = await askDaemon(address, '/log-level', asked(said.words));
    process.stdout.write(await answer.text());
  },
};

function asked(
  words: readonly string[],
): { readonly method: 'PUT'; readonly body: string } | object {
  const [said, ...more] = words;
  if (said === undefined) return {};
  const level = logLevels.find((one) => one === said);
  if (!level || more.length > 0)
    throw new UsageError(`${words.join(' ')} is not one of ${logLevels.join(', ')}`);
  return { method: 'PUT', body: level };
}
