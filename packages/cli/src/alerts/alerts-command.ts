import { systemClock } from '@skerry/shared/clock';
import type { Command, Said } from '@skerry/shared/command-line';
import { UsageError } from '@skerry/shared/errors';
import { spanMs } from '../device/device-command.ts';
import { printTable } from '../kube/table.ts';
import { inOrder, type AlarmDoor, type AlertLine } from './alert-line.ts';

/** `skerry alerts`: what is wrong, since when, at one node or in the whole cluster. */
export const alertsCommand: Command = {
  name: 'alerts',
  summary: 'Show what is wrong and since when, and silence what is known.',
  details:
    'With --kubeconfig (or $KUBECONFIG) of the whole cluster; otherwise of this very node, from its agent ' +
    'through its Unix socket, which needs no cloud. "silence LABEL=VALUE…" keeps receivers from being told of alerts that bear all of ' +
    'these labels, "unsilence NAME" ends that. What is silenced is shown all the same.',
  rest: 'words',
  options: [
    { flags: '--all', doc: 'also what has resolved' },
    { flags: '--kubeconfig <file>', doc: 'the cluster; otherwise $KUBECONFIG, or the node' },
    { flags: '--socket <path>', doc: 'the agent of this node, where it is elsewhere' },
    { flags: '--for <span>', doc: 'how long to silence: 90s, 15m, 2h, 7d', default: '2h' },
    { flags: '--comment <text>', doc: 'why it is silenced, for others' },
    {
      flags: '-o, --output <format>',
      doc: 'how alerts are shown',
      choices: ['table', 'json'],
      default: 'table',
    },
  ],
  examples: [
    { command: 'skerry alerts', does: 'what fires here, connected or not' },
    { command: 'skerry alerts --all --kubeconfig .skerry/kubeconfig', does: 'all of the cluster' },
    {
      command:
        'skerry alerts silence alertname=device-unwell --for 4h --comment "pump is being repaired"',
      does: 'nobody is called while it is repaired',
    },
    { command: 'skerry alerts unsilence quiet-mb2x1k', does: 'it is repaired' },
  ],
  run: async (said) => {
    const door = await openDoor(said);
    try {
      process.stdout.write(await answer(door, said));
    } finally {
      door[Symbol.dispose]?.();
    }
  },
};

async function openDoor(said: Said): Promise<AlarmDoor> {
  const file = said.text('kubeconfig');
  const socket = said.text('socket');
  if (socket !== undefined && file !== undefined)
    throw new UsageError('--socket and --kubeconfig exclude each other: the node, or the cluster?');
  checkWords(said);
  if (socket !== undefined || (file === undefined && process.env['KUBECONFIG'] === undefined)) {
    const { nodeDoor } = await import('./node-door.ts');
    return nodeDoor(socket);
  }
  const { clusterDoor } = await import('./cluster-door.ts');
  return clusterDoor(file, systemClock);
}

/** Before anybody is asked. Throws UsageError. */
function checkWords(said: Said): void {
  const [verb, ...words] = said.words;
  if (verb === undefined) return;
  if (verb === 'silence') matchersOf(words);
  else if (verb !== 'unsilence') throw new UsageError(`${verb} is neither silence nor unsilence`);
  else if (words.length !== 1) throw new UsageError('the name of one silence is needed');
  spanMs(said.text('for') ?? '');
}

async function answer(door: AlarmDoor, said: Said): Promise<string> {
  const { signal } = new AbortController();
  const [verb, ...words] = said.words;
  if (verb === 'silence') return silence(door, words, said, signal);
  if (verb === 'unsilence') {
    const [name = ''] = words;
    await door.unsilence(name, signal);
    return `silence ${name} has ended\n`;
  }
  const all = inOrder(await door.alerts(signal));
  const shown = said.flag('all') ? all : all.filter(({ state }) => state !== 'resolved');
  if (said.text('output') === 'json') return `${JSON.stringify(shown.map(withTimes))}\n`;
  return shown.length === 0 ? 'nothing fires\n' : `${tableOf(shown)}\n`;
}

async function silence(
  door: AlarmDoor,
  words: readonly string[],
  said: Said,
  signal: AbortSignal,
): Promise<string> {
  const now = systemClock.now();
  const name = `quiet-${now.toString(36)}`;
  const endsAt = new Date(now + spanMs(said.text('for') ?? '')).toISOString();
  const comment = said.text('comment') ?? '';
  await door.silence(name, { matchLabels: matchersOf(words), endsAt, comment }, signal);
  return `silence ${name} lasts until ${endsAt}\n`;
}

/** Throws UsageError. */
export function matchersOf(words: readonly string[]): Record<string, string> {
  const pairs = words.map((word) => {
    const [, name, value] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`${word} is not LABEL=VALUE, for example alertname=disk-almost-full`);
    return [name, value] as const;
  });
  if (pairs.length === 0)
    throw new UsageError('which alerts? silence LABEL=VALUE, for example alertname=pod-crashes');
  return Object.fromEntries(pairs);
}

function withTimes({ startsAt, endsAt, ...rest }: AlertLine): object {
  return { ...rest, startsAt: timeOf(startsAt), endsAt: timeOf(endsAt) };
}

function timeOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

const columns = ['severity', 'state', 'node', 'rule', 'since', 'silenced', 'message'];

function tableOf(lines: readonly AlertLine[]): string {
  return printTable({
    columnDefinitions: columns.map((name) => ({ name, priority: 0 })),
    rows: lines.map(({ severity, state, node, rule, startsAt, silencedBy, message }) => ({
      cells: [severity, state, node, rule, timeOf(startsAt), silencedBy, message],
    })),
  });
}
