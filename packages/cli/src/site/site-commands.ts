import { pipeline } from 'node:stream/promises';
import { systemClock } from '@skerry/shared/clock';
import type { Command, Option, Said } from '@skerry/shared/command-line';
import { restartAnnotation } from '@skerry/shared/edge-write';
import { UsageError } from '@skerry/shared/errors';
import { printable } from '@skerry/shared/printable';
import { kindCalled, siteKinds, type SiteKind } from './kinds.ts';
import { SiteApi } from './local-api.ts';
import { description, objectOf, objectPath, tableOf, type SiteObject } from './show.ts';
import { siteStatus } from './site-status.ts';

const about =
  'Speaks with the agent of this node through its Unix socket, so it works without the cloud and ' +
  'without kubectl, for root or the user that the agent runs as.';
const socket: Option = { flags: '--socket <path>', doc: 'of the agent, where it is elsewhere' };
const namespaceOption: Option = {
  flags: '-n, --namespace <name>',
  doc: 'only of this namespace; otherwise of all',
};

/** `skerry get`: what the node holds. */
export const getCommand: Command = {
  name: 'get',
  summary: 'Show what this node holds, connected or not.',
  details: about,
  rest: 'kinds and name',
  options: [namespaceOption, socket],
  examples: [
    { command: 'skerry get pods', does: 'the pods of this node, as they are now' },
    { command: 'skerry get pods,devices,configmaps', does: 'several kinds' },
    { command: 'skerry get device thermometer', does: 'one object' },
  ],
  run: async (said) => {
    const [words, name] = said.words;
    if (words === undefined) throw new UsageError('a kind is missing, for example pods');
    const { api, kinds } = await opened(said);
    const namespace = said.text('namespace');
    const shown = words.split(',').map((word) => kindCalled(kinds, word));
    const tables = shown.map((kind) => tableOf(api, { kind, name, namespace }));
    const some = (await Promise.all(tables)).filter((table) => table !== undefined);
    say(some.length === 0 ? `this node holds none of ${words}` : some.join('\n\n'));
  },
};

/** `skerry describe`: one object, and what happened to it. */
export const describeCommand: Command = {
  name: 'describe',
  summary: 'Show everything about one object of this node, and what happened to it.',
  details: about,
  rest: 'kind and name',
  options: [namespaceOption, socket],
  examples: [{ command: 'skerry describe pod hello', does: 'how it is, and its Events' }],
  run: async (said) => {
    const { api, kinds } = await opened(said);
    const [called, name] = said.words;
    const { object } = await oneOf(api, kinds, { called, name, namespace: said.text('namespace') });
    say(await description(api, kindCalled(kinds, 'events'), object));
  },
};

/** `skerry logs`: what a container wrote. */
export const logsCommand: Command = {
  name: 'logs',
  summary: 'Print what a container of this node has written.',
  details: about,
  rest: 'pod',
  options: [
    namespaceOption,
    { flags: '-c, --container <name>', doc: 'of a pod with several' },
    { flags: '-f, --follow', doc: 'go on with what is written from now on' },
    { flags: '-p, --previous', doc: 'of the run before' },
    { flags: '--tail <lines>', doc: 'only the newest' },
    socket,
  ],
  examples: [{ command: 'skerry logs hello -f', does: 'what it writes, until Ctrl-C' }],
  run: async (said) => {
    const { api, kinds } = await opened(said);
    const { kind, object } = await podIn(api, kinds, said);
    const query = new URLSearchParams({
      ...(said.flag('follow') && { follow: 'true' }),
      ...(said.flag('previous') && { previous: 'true' }),
    });
    const [container, tail] = [said.text('container'), said.text('tail')];
    if (container !== undefined) query.set('container', container);
    if (tail !== undefined) query.set('tailLines', tail);
    const answer = await api.open(`${objectPath(kind, object)}/log?${query.toString()}`);
    await pipeline(answer, process.stdout, { end: false });
  },
};

/** `skerry restart`: a pod's containers anew. */
export const restartCommand: Command = {
  name: 'restart',
  summary: 'Begin the containers of a pod of this node anew, connected or not.',
  details: `${about} The cluster is told when there is a network.`,
  rest: 'pod',
  options: [namespaceOption, socket],
  examples: [{ command: 'skerry restart hello', does: 'all its containers, one after the other' }],
  run: async (said) => {
    const { api, kinds } = await opened(said);
    const { kind, object } = await podIn(api, kinds, said);
    const annotations = { [restartAnnotation]: new Date().toISOString() };
    const body = { metadata: { annotations } };
    await api.open(objectPath(kind, object), { method: 'PATCH', body });
    say(`pod ${object.metadata.name} is being restarted`);
  },
};

/** `skerry status`: how this node is. */
export const statusCommand: Command = {
  name: 'status',
  summary: 'Show what is wrong at this node, since when, and what it does about it.',
  details: about,
  options: [socket],
  examples: [{ command: 'skerry status', does: 'on the machine of the node' }],
  run: async (said) => {
    const { api, kinds } = await opened(said);
    say(await siteStatus(api, kinds, systemClock.now()));
  },
};

interface Opened {
  readonly api: SiteApi;
  readonly kinds: readonly SiteKind[];
}

async function opened(said: Said): Promise<Opened> {
  const api = new SiteApi(said.text('socket'));
  return { api, kinds: await siteKinds(api) };
}

interface Found {
  readonly kind: SiteKind;
  readonly object: SiteObject;
}

/** The pod that the first word names. */
function podIn(api: SiteApi, kinds: readonly SiteKind[], said: Said): Promise<Found> {
  const [name] = said.words;
  return oneOf(api, kinds, { called: 'pod', name, namespace: said.text('namespace') });
}

async function oneOf(
  api: SiteApi,
  kinds: readonly SiteKind[],
  {
    called,
    name,
    namespace,
  }: Readonly<Record<'called' | 'name' | 'namespace', string | undefined>>,
): Promise<Found> {
  if (called === undefined) throw new UsageError('a kind is missing, for example pod');
  if (name === undefined) throw new UsageError(`the name of a ${called} is missing`);
  const kind = kindCalled(kinds, called);
  return { kind, object: await objectOf(api, { kind, name, namespace }) };
}

function say(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}
