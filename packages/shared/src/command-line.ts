import { Command as Parser, CommanderError, Option as ParserOption } from 'commander';
import { UsageError, codeOf } from './errors.ts';

/** One flag of a command. */
export interface Option {
  /** As help shows it: `--data-dir <directory>`, or `--fresh` for a flag without a value. */
  readonly flags: string;
  readonly doc: string;
  /** The only values that are accepted. */
  readonly choices?: readonly string[];
  readonly default?: string;
}

/** A command line shown in help, and what it does. */
export interface Example {
  readonly command: string;
  readonly does: string;
}

/** What was said on the command line: by flag without its dashes, for example `data-dir`. */
export interface Said {
  text(flag: string): string | undefined;
  /** Whether a flag without a value was given; `--no-demo` makes `demo` false. */
  flag(flag: string): boolean;
  /** Words that are not flags, in order. */
  readonly words: readonly string[];
}

export interface Command {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Paragraphs under the summary. */
  readonly details?: string;
  readonly options?: readonly Option[];
  /** A word that must follow, for example `shell`, and what it may be. */
  readonly word?: { readonly name: string; readonly choices: readonly string[] };
  /** What any number of words behind it are called. */
  readonly rest?: string;
  readonly examples?: readonly Example[];
  run(said: Said): Promise<void>;
}

export interface Program {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly examples?: readonly Example[];
  readonly commands: readonly Command[];
}

/**
 * Runs the command that `words` (without the program's own name) ask for. Help and version are printed
 * and nothing runs; whatever is wrong throws a UsageError that says where help is.
 */
export function runProgram(program: Program, words: readonly string[]): Promise<void> {
  const parser = frame(new Parser(program.name), program, program.name);
  parser.version(program.version, '-V, --version', 'print the version');
  for (const command of program.commands)
    parser.addCommand(commandParser(command, `${program.name} ${command.name}`));
  return parse(parser, words);
}

/** The same for a program that is one command. */
export function runSingleCommand(
  command: Command,
  version: string,
  words: readonly string[],
): Promise<void> {
  const parser = commandParser(command, command.name);
  parser.version(version, '-V, --version', 'print the version');
  return parse(parser, words);
}

async function parse(parser: Parser, words: readonly string[]): Promise<void> {
  process.stdout.off('error', endOfReader).once('error', endOfReader);
  try {
    await parser.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error; // help and version end in one, too
  }
}

/** Whoever read our output, for example `head`, has seen enough. */
function endOfReader(error: Error): void {
  if (codeOf(error) !== 'EPIPE') throw error;
  process.exit(0);
}

/** Help and version pass through; the rest is a usage error that says where help is. */
function refuse(path: string, error: CommanderError): never {
  if (error.exitCode === 0) throw error;
  const flaw =
    error.code === 'commander.help' ? 'a command is missing' : error.message.replace('error: ', '');
  throw new UsageError(`${flaw}\nSee "${path} --help".`, { cause: error });
}

interface Framed {
  readonly summary: string;
  readonly details?: string;
  readonly examples?: readonly Example[];
}

/** What every parser has: help that teaches, and errors that are thrown and not printed. */
function frame(parser: Parser, { summary, details, examples }: Framed, path: string): Parser {
  const trailer = examples?.map(({ command, does }) => `  # ${does}\n  ${command}`).join('\n\n');
  if (trailer) parser.addHelpText('after', `\nExamples:\n${trailer}`);
  return parser
    .summary(summary)
    .description(details ? `${summary}\n\n${details}` : summary)
    .helpOption('-h, --help', 'print this help')
    .exitOverride((error) => refuse(path, error))
    .configureOutput({ outputError: () => undefined });
}

function commandParser(command: Command, path: string): Parser {
  const parser = frame(new Parser(command.name), command, path);
  for (const { flags, doc, choices, default: fallback } of command.options ?? []) {
    const option = new ParserOption(flags, doc);
    if (choices) option.choices([...choices]);
    if (fallback !== undefined) option.default(fallback);
    parser.addOption(option);
  }
  if (command.word) {
    const { name, choices } = command.word;
    parser.addArgument(parser.createArgument(`<${name}>`).choices([...choices]));
  }
  if (command.rest) parser.argument(`[${command.rest}...]`);
  parser.action(() => command.run(said(parser)));
  return parser;
}

function said(parser: Parser): Said {
  const values = parser.opts<Record<string, string | boolean | undefined>>();
  const valueOf = (flag: string): string | boolean | undefined =>
    values[flag.replaceAll(/-[a-z]/g, (pair) => pair.slice(1).toUpperCase())];
  return {
    text: (flag) => {
      const value = valueOf(flag);
      return typeof value === 'string' ? value : undefined;
    },
    flag: (flag) => valueOf(flag) === true,
    words: parser.args,
  };
}
