import { defaultNamespace, deviceId, type DeviceId } from '@skerry/edgecore/devices/device-id';
import { systemClock } from '@skerry/shared/clock';
import type { Command, Said } from '@skerry/shared/command-line';
import { UsageError } from '@skerry/shared/errors';
import { printTable } from '../kube/table.ts';
import { askEdge } from './edge-request.ts';
import { mqttUrl, readHistory } from './history.ts';
import { plot } from './plot.ts';

const verbs = ['get', 'set', 'methods', 'call', 'history'] as const;
const plotHeight = 10;
const plotWidth = 60;

/** `skerry device`: devices of this node, with or without a cloud. */
export const deviceCommand: Command = {
  name: 'device',
  summary: 'Read and write devices at their node, connected or not.',
  details:
    'Speaks with the agent of the node over its MQTT broker, so it works without the cloud. "get" shows ' +
    'every property, "set" desires a value, which reaches the Device in the cluster when there is a ' +
    'network, "methods" shows what can be called and "call" does it, once, "history" shows what a property ' +
    'was: also from afar, by way of the hub, with --kubeconfig or $KUBECONFIG and without --mqtt. That ' +
    'takes the right to get devices/history. A device in another namespace than default is named ' +
    'namespace/name.',
  word: { name: 'verb', choices: verbs },
  rest: 'words',
  options: [
    { flags: '--mqtt <url>', doc: 'the broker of the node (this node: mqtt://127.0.0.1:1883)' },
    { flags: '--kubeconfig <file>', doc: 'history: of a device anywhere in this cluster' },
    { flags: '--hub <address>', doc: 'history: HOST:PORT of the hub (as NodeSyncs say)' },
    { flags: '--hub-ca <file>', doc: 'history: who signs for the hub (as the kubeconfig says)' },
    { flags: '--since <span>', doc: 'how far back: 90s, 15m, 1h, 7d', default: '1h' },
    { flags: '--limit <number>', doc: 'the newest so many readings', default: '1000' },
    {
      flags: '-o, --output <format>',
      doc: 'how a history is shown',
      choices: ['table', 'json', 'plot'],
      default: 'table',
    },
  ],
  examples: [
    { command: 'skerry device get thermometer', does: 'what it is and should be' },
    { command: 'skerry device set thermometer setpoint 25', does: 'what it should be from now on' },
    {
      command: 'skerry device call thermometer heat 25',
      does: 'method heat over its one property',
    },
    {
      command: 'skerry device history thermometer temperature --since 15m -o plot',
      does: 'the last quarter of an hour',
    },
    {
      command: 'skerry device history plant/oven temperature --since 7d --kubeconfig admin.conf',
      does: 'of a device at any node that is connected',
    },
  ],
  run: async (said) => {
    const [verb, name, ...words] = said.words;
    if (name === undefined) throw new UsageError('the name of a device is missing');
    const device = toDevice(name);
    const output = await outputOf(verb ?? '', device, words, said);
    process.stdout.write(`${output}\n`);
  },
};

type Shower = (device: DeviceId, words: readonly string[], said: Said) => Promise<string>;

/** Verbs that are not about one property. */
const plain: Readonly<Record<string, Shower>> = {
  get: (device, _words, said) => showTwin(device, said),
  methods: (device, _words, said) => showMethods(device, said),
  call: callMethod,
};

function outputOf(
  verb: string,
  device: DeviceId,
  words: readonly string[],
  said: Said,
): Promise<string> {
  const show = plain[verb];
  if (show) return show(device, words, said);
  const [property, value] = words;
  if (property === undefined) throw new UsageError('the name of a property is missing');
  if (verb === 'history') return showHistory(device, property, said);
  if (value === undefined) throw new UsageError('a value is missing');
  return setDesired(device, property, value, said);
}

interface Property {
  readonly actual?: { readonly value: string; readonly metadata: { readonly timestamp: number } };
  readonly expected?: { readonly value: string };
  readonly metadata: { readonly type: string };
}

async function showTwin(device: DeviceId, said: Said): Promise<string> {
  const request = { url: mqttUrl(said), device, verb: 'twin/get', body: {} } as const;
  const { twin } = await askEdge<{ twin: Readonly<Record<string, Property>> }>(request);
  const rows = Object.entries(twin).map(([name, { actual, expected, metadata }]) => [
    name,
    metadata.type,
    actual?.value,
    expected?.value,
    actual && timeOf(actual.metadata.timestamp),
  ]);
  return tableOf(['property', 'type', 'reported', 'desired', 'time'], rows);
}

async function setDesired(
  device: DeviceId,
  property: string,
  value: string,
  said: Said,
): Promise<string> {
  const body = { twin: { [property]: { expected: { value } } } };
  await askEdge({ url: mqttUrl(said), device, verb: 'twin/update', body });
  return `${device} ${property} is desired to be ${value}`;
}

interface Method {
  readonly name: string;
  readonly description?: string;
  readonly parameters: readonly { readonly property: string; readonly type: string }[];
}

async function showMethods(device: DeviceId, said: Said): Promise<string> {
  const request = { url: mqttUrl(said), device, verb: 'method/get', body: {} } as const;
  const { methods } = await askEdge<{ methods: readonly Method[] }>(request);
  const rows = methods.flatMap(({ name, description, parameters }) =>
    parameters.map(({ property, type }) => [name, property, type, description]),
  );
  return tableOf(['method', 'property', 'type', 'description'], rows);
}

/** `METHOD VALUE`, or `METHOD PROPERTY VALUE` where a method has several. */
async function callMethod(device: DeviceId, words: readonly string[], said: Said): Promise<string> {
  const [method, ...rest] = words;
  const value = rest.at(-1);
  if (method === undefined || value === undefined || rest.length > 2)
    throw new UsageError(
      'call wants a method, one of its properties where it has several, a value',
    );
  const body = { method, value, ...(rest.length === 2 && { property: rest[0] }) };
  const called = await askEdge<{ property: string }>({
    ...{ url: mqttUrl(said), device, verb: 'method/call', body },
  });
  return `${device} was called: ${method} ${called.property} ${value}`;
}

async function showHistory(device: DeviceId, property: string, said: Said): Promise<string> {
  const since = systemClock.now() - spanMs(said.text('since') ?? '');
  const limit = Number(said.text('limit'));
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new UsageError(`--limit ${said.text('limit')} is not a whole number from 1`);
  const { readings, more } = await readHistory(device, { property, since, limit }, said);
  if (more) process.stderr.write('There is more: ask for less time, or raise --limit.\n');
  if (said.text('output') === 'json') return JSON.stringify(readings);
  if (said.text('output') === 'plot')
    return plot(readings, { width: plotWidth, height: plotHeight }) ?? 'no numbers in that time';
  return tableOf(
    ['time', property],
    readings.map(({ timestamp, value }) => [timeOf(timestamp), value]),
  );
}

function toDevice(name: string): DeviceId {
  const [first = '', second, ...rest] = name.split('/');
  if (first === '' || second === '' || rest.length > 0)
    throw new UsageError(`${name} is neither name nor namespace/name`);
  return second === undefined ? deviceId(defaultNamespace, first) : deviceId(first, second);
}

const unitsMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Throws UsageError unless it is a number with a unit. */
export function spanMs(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined)
    throw new UsageError(`${text} is not a span such as 90s, 15m, 1h or 7d`);
  return Number(count) * (unitsMs[unit] ?? 0);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function tableOf(titles: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return printTable({
    columnDefinitions: titles.map((name) => ({ name, priority: 0 })),
    rows: rows.map((cells) => ({ cells })),
  });
}
