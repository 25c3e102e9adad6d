import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runProgram, runSingleCommand, type Command, type Said } from './command-line.ts';
import { UsageError } from './errors.ts';

let ran: Said[];
let printed: string;

const up: Command = {
  name: 'up',
  summary: 'Run everything here.',
  details: 'A cluster, a hub and a node.',
  options: [
    { flags: '--data-dir <directory>', doc: 'Where.', default: '.skerry' },
    { flags: '--fresh', doc: 'Begin anew.' },
    { flags: '--no-demo', doc: 'Without the demo.' },
    { flags: '--log-level <level>', doc: 'How much.', choices: ['debug', 'info'] },
  ],
  examples: [{ command: 'skerry up --fresh', does: 'forget what was' }],
  run: (said) => {
    ran.push(said);
    return Promise.resolve();
  },
};
const completion: Command = {
  ...up,
  name: 'completion',
  summary: 'Print a completion script.',
  options: [],
  word: { name: 'shell', choices: ['bash', 'zsh'] },
};
const program = {
  name: 'skerry',
  version: '1.2.3',
  summary: 'Kubernetes at the edge.',
  commands: [up, completion],
};

beforeEach(() => {
  ran = [];
  printed = '';
  const write = (chunk: string | Uint8Array): boolean => {
    printed += String(chunk);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write);
});
afterEach(() => vi.restoreAllMocks());

describe('a command line', () => {
  it('hands flags, defaults and words to the command', async () => {
    await runProgram(program, ['up', '--data-dir', '/tmp/x', '--fresh']);
    await runProgram(program, ['up', '--no-demo']);
    await runProgram(program, ['completion', 'zsh']);
    expect(
      ran.map((said) => [said.text('data-dir'), said.flag('fresh'), said.flag('demo')]),
    ).toEqual([
      ['/tmp/x', true, true],
      ['.skerry', false, false],
      [undefined, false, false],
    ]);
    expect(ran[2]?.words).toEqual(['zsh']);
  });

  it('prints help with examples, or the version, and runs nothing', async () => {
    await runProgram(program, ['up', '--help']);
    expect(printed).toContain('Usage: skerry up [options]');
    expect(printed).toContain('Run everything here.\n\nA cluster, a hub and a node.');
    expect(printed).toContain('Examples:\n  # forget what was\n  skerry up --fresh');
    printed = '';
    await runProgram(program, ['--version']);
    await runSingleCommand(up, '4.5.6', ['--version']);
    expect(printed).toBe('1.2.3\n4.5.6\n');
    expect(ran).toEqual([]);
  });

  it.each([
    [['up', '--frsh'], `unknown option '--frsh'\n(Did you mean --fresh?)\nSee "skerry up --help".`],
    [['down'], `unknown command 'down'\nSee "skerry --help".`],
    [
      ['up', '--log-level', 'loud'],
      /argument 'loud' is invalid\. Allowed choices are debug, info\./,
    ],
    [['completion', 'fish'], /Allowed choices are bash, zsh\./],
    [['completion'], /missing required argument 'shell'/],
    [['up', 'now'], /too many arguments/],
    [[], 'a command is missing'],
  ])('refuses %j and says where help is', async (words, message) => {
    const running = runProgram(program, words);
    await expect(running).rejects.toThrow(UsageError);
    await expect(running).rejects.toThrow(message);
    expect(ran).toEqual([]);
  });
});
