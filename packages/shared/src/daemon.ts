import { readFile } from 'node:fs/promises';
import { systemClock, systemRandom, type Clock, type Random } from './clock.ts';
import {
  runSingleCommand,
  type Command,
  type Example,
  type Option,
  type Said,
} from './command-line.ts';
import { printConfig } from './config-print.ts';
import type { LogConfig } from './config-sections.ts';
import { readConfig, type ConfigKind, type ConfigSources, type Flag } from './config.ts';
import { readIfPresent } from './durable-file.ts';
import { Misconfiguration, messageOf } from './errors.ts';
import { logFormats, logLevels, openLog, type Log, type LogLevel } from './log.ts';
import { openMetrics, type Metrics } from './metrics.ts';
import { defaultShutdownSeconds, exitCodeOf, exitCodes, runDaemon } from './process.ts';

/** What the life of a daemon is made of. */
export interface DaemonParts<T> {
  readonly config: T;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How much is logged, to be read and set while the daemon runs. */
  readonly logLevel: { level: LogLevel };
  /** To be called once, when the daemon serves: with the addresses it took, for logs and a parent. */
  readonly ready: (facts: object) => void;
}

/** A daemon as people and service managers see it. */
export interface DaemonSpec<T extends { readonly log: LogConfig }> {
  /** Also the name of its file under /etc/skerry. */
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly details: string;
  readonly examples: readonly Example[];
  readonly metricsPrefix: Parameters<typeof openMetrics>[0];
  readonly config: ConfigKind<T>;
  /** Flags for single settings, beyond those that every daemon has. */
  readonly flags?: readonly SettingFlag[];
  /** How long it may take to end once it was asked to, beyond what every daemon has. */
  readonly endingSeconds?: (config: T) => number;
  readonly run: (parts: DaemonParts<T>, signal: AbortSignal) => Promise<void>;
  /** What its binary can do besides. */
  readonly commands?: readonly DaemonCommand<T>[];
}

/** Something else that a daemon's binary does, once, with the daemon's configuration: its first word. */
export interface DaemonCommand<T> extends Omit<Command, 'run'> {
  readonly run: (config: T, said: Said) => Promise<void>;
}

export interface SettingFlag {
  readonly flags: `--${string} <${string}>`;
  readonly doc: string;
  /** Which setting it overrides, dotted. */
  readonly setting: string;
  readonly choices?: readonly string[];
}

/** What a daemon says to the process that started it with a channel. */
interface ReadyMessage {
  readonly type: 'ready';
  readonly facts: object;
}

/** The facts of a daemon that has just said that it is ready; undefined for any other message. */
export function readyFacts(message: unknown): object | undefined {
  const { type, facts } = message as Partial<ReadyMessage>;
  return type === 'ready' ? facts : undefined;
}

const everyDaemon: readonly SettingFlag[] = [
  { flags: '--data-dir <directory>', doc: 'where state is kept', setting: 'dataDir' },
  {
    flags: '--log-level <level>',
    doc: 'least severe line to log',
    setting: 'log.level',
    choices: logLevels,
  },
  {
    flags: '--log-format <format>',
    doc: 'json for machines, pretty for people',
    setting: 'log.format',
    choices: logFormats,
  },
];

/** The `main` of a daemon: command line, configuration, log, then its life until it is told to end. */
export async function runDaemonMain<T extends { readonly log: LogConfig }>(
  spec: DaemonSpec<T>,
): Promise<void> {
  if (!runsHere()) return;
  const settings = [...everyDaemon, ...(spec.flags ?? [])];
  const command: Command = {
    ...spec,
    details: [spec.details, ...(spec.commands ?? []).map((other) => commandLine(spec, other))].join(
      '\n\n',
    ),
    options: [
      configOption(spec.name),
      ...settings,
      { flags: '--print-config', doc: 'print the configuration in effect, explained, and exit' },
    ],
    run: async (said) => {
      const config = readConfig(spec.config, await sourcesOf(spec.name, said, settings));
      if (said.flag('print-config')) process.stdout.write(printConfig(spec.config, config));
      else await live(spec, config);
    },
  };
  const words = process.argv.slice(2);
  process.title = [spec.name, ...words].join(' '); // what ps shows
  const other = spec.commands?.find(({ name }) => name === words[0]);
  try {
    if (other) await runSingleCommand(besides(spec, other, settings), spec.version, words.slice(1));
    else await runSingleCommand(command, spec.version, words);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

/** What else the binary does, for its help. */
function commandLine({ name }: { readonly name: string }, other: Omit<Command, 'run'>): string {
  return `"${name} ${other.name}" does something else: ${other.summary} See "${name} ${other.name} --help".`;
}

/** Says so where it is not: a service manager must not try again. */
function runsHere(): boolean {
  if (typeof AsyncDisposableStack === 'function') return true;
  process.stderr.write(`Node 24 or newer is needed, and this is ${process.version}\n`);
  process.exitCode = exitCodes.misconfiguration;
  return false;
}

function besides<T extends { readonly log: LogConfig }>(
  spec: DaemonSpec<T>,
  other: DaemonCommand<T>,
  settings: readonly SettingFlag[],
): Command {
  return {
    ...other,
    name: `${spec.name} ${other.name}`,
    options: [configOption(spec.name), ...settings, ...(other.options ?? [])],
    run: async (said) =>
      other.run(readConfig(spec.config, await sourcesOf(spec.name, said, settings)), said),
  };
}

function configOption(name: string): Option {
  return { flags: '--config <file>', doc: `configuration (default: ${defaultFile(name)})` };
}

async function live<T extends { readonly log: LogConfig }>(
  spec: DaemonSpec<T>,
  config: T,
): Promise<void> {
  const log = await openLog({ ...config.log, name: spec.name });
  const metrics = openMetrics(spec.metricsPrefix);
  const ready = (facts: object): void => {
    log.info(facts, 'ready');
    process.send?.({ type: 'ready', facts } satisfies ReadyMessage);
  };
  const parts = {
    config,
    clock: systemClock,
    random: systemRandom,
    log,
    logLevel: log,
    metrics,
    ready,
  };
  log.info({ version: spec.version, pid: process.pid }, 'starting');
  const shutdownSeconds = defaultShutdownSeconds + (spec.endingSeconds?.(config) ?? 0);
  await runDaemon({ log, shutdownSeconds }, (signal) => spec.run(parts, signal));
}

function defaultFile(name: string): string {
  return `/etc/skerry/${name}.yaml`;
}

async function sourcesOf(
  name: string,
  said: Said,
  settings: readonly SettingFlag[],
): Promise<ConfigSources> {
  const flags = settings.flatMap(({ flags, setting }): [string, Flag][] => {
    const [flag = ''] = flags.split(' ');
    const text = said.text(flag.slice(2));
    return text === undefined ? [] : [[setting, { name: flag, text }]];
  });
  const file = await readConfigFile(name, said.text('config'));
  return { file, environment: process.env, flags: Object.fromEntries(flags) };
}

/** A file that was asked for must be there; the default one may be missing. */
async function readConfigFile(
  name: string,
  asked: string | undefined,
): Promise<ConfigSources['file']> {
  if (asked === undefined) {
    const text = await readIfPresent(defaultFile(name));
    return text === undefined ? undefined : { name: defaultFile(name), text };
  }
  try {
    return { name: asked, text: await readFile(asked, 'utf8') };
  } catch (error) {
    throw new Misconfiguration(`failed to read ${asked}: ${messageOf(error)}`, { cause: error });
  }
}
