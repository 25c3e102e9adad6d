import type { JudgementsView } from '@skerry/edgecore/judgement/judgement-view';
import type { Command } from '@skerry/shared/command-line';
import { EdgeError } from '@skerry/shared/errors';
import { askDaemon, defaultEdge } from '../daemon/ask-daemon.ts';
import { judgeText } from './judge-text.ts';

/** The agent knows no such judgement. */
class NotJudged extends EdgeError {
  readonly code = 'judge.not-judged';
  readonly disposition = 'fatal';
}

const pastShown = 30;

/** `skerry judge`: how this node fares, with or without a cloud. */
export const judgeCommand: Command = {
  name: 'judge',
  summary: 'Show how this node fares, connected or not.',
  details:
    'Shows the verdict of every StatusJudgement of the node, since when it stands and why, and what each ' +
    'unit measures: its result (a score from 000 to 100, 01 for yes, 02 for no, -- for not known), whether ' +
    'that passes, and how it was lately. Asks the agent of the node, so it works without the cloud.',
  rest: 'names',
  options: [
    {
      flags: '--edge <url>',
      doc: "the agent's address for health and metrics",
      default: defaultEdge,
    },
    {
      flags: '-o, --output <format>',
      doc: 'how it is shown',
      choices: ['table', 'json'],
      default: 'table',
    },
  ],
  examples: [
    { command: 'skerry judge', does: 'everything that is judged here' },
    { command: 'skerry judge site-health -o json', does: 'one judgement, for a program' },
  ],
  run: async (said) => {
    const address = said.text('edge') ?? defaultEdge;
    const answer = await askDaemon(address, `/judgements?past=${pastShown}`);
    const view = (await answer.json()) as JudgementsView;
    const names = new Set(said.words);
    const judgements = view.judgements.filter(({ name }) => names.size === 0 || names.has(name));
    const missing = [...names].filter((name) => !judgements.some((one) => one.name === name));
    if (missing.length > 0)
      throw new NotJudged(`${view.node} has no StatusJudgement ${missing.join(', ')}`);
    const shown = { ...view, judgements };
    const text = said.text('output') === 'json' ? JSON.stringify(shown) : judgeText(shown);
    process.stdout.write(`${text}\n`);
  },
};
