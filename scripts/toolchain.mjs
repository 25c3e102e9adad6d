/**
 * What every script stands on: the project's root, its pinned Node, and children that are run one
 * way. Imports nothing but Node itself, so that it works before `node_modules` exists and on any Node
 * a machine happens to have (20 or newer).
 */
import { spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binaries = join(root, 'node_modules', '.bin');

/** The Node this project is built for; present once dependencies are installed. */
export const pinnedNode = join(binaries, 'node');

/** On a terminal, a line about work under way is replaced by the line about its end. */
const rewrite = process.stdout.isTTY ? '\r\u001b[K' : '';

/** The environment of every child: our binaries, and our Node, come first. */
export function environment(extra = {}) {
  return { ...process.env, PATH: `${binaries}:${process.env.PATH ?? ''}`, ...extra };
}

/** A command failed: its output has been shown, or is in `output`. */
export class CommandFailed extends Error {
  constructor(command, code, output = '') {
    super(`${command.join(' ')} ended with ${code}`);
    this.code = code;
    this.output = output;
  }
}

/** Runs `command` with the terminal as its own; throws CommandFailed. */
export function run(command, { env, cwd = root } = {}) {
  const [program, ...args] = command;
  const { status, signal, error } = spawnSync(program, args, {
    cwd,
    env: environment(env),
    stdio: 'inherit',
  });
  if (error) throw error;
  if (status !== 0) throw new CommandFailed(command, signal ?? status);
}

/** Runs `command` in silence and resolves with its output; rejects with CommandFailed. */
export function capture(command, { env, cwd = root, signal } = {}) {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const chunks = [];
    const child = spawn(program, args, {
      cwd,
      env: environment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const output = Buffer.concat(chunks).toString('utf8');
      if (code === 0) resolve(output);
      else reject(new CommandFailed(command, signal ?? code, output));
    });
  });
}

/** Does `work`, saying what it is and how long it took. */
export async function timed(title, work) {
  return report(title, measured(work));
}

/** Begins `work`; resolves with how long it took, and with its result or its error. */
export async function measured(work) {
  const start = performance.now();
  const outcome = await work().then(
    (result) => ({ result }),
    (error) => ({ error }),
  );
  return { ...outcome, seconds: (performance.now() - start) / 1000 };
}

/** Says what became of measured work; resolves with its result or throws its error. */
export async function report(title, measuring) {
  if (process.stdout.isTTY) process.stdout.write(`  ${title.padEnd(28)}…`);
  const { result, error, seconds } = await measuring;
  const outcome = (error === undefined ? 'ok' : 'FAILED').padEnd(8);
  process.stdout.write(`${rewrite}  ${title.padEnd(28)}${outcome}${seconds.toFixed(1)} s\n`);
  if (error !== undefined) throw error;
  return result;
}

/** Starts this very script again on the pinned Node, unless it runs there already. */
export async function continueOnPinnedNode() {
  if (process.env.RUNS_ON_PINNED_NODE === '1') return;
  const env = environment({ RUNS_ON_PINNED_NODE: '1' });
  const child = spawn(pinnedNode, process.argv.slice(1), { env, stdio: 'inherit' });
  process.exit(await outlive(child));
}

/** Passes signals on to `child` and resolves with the exit code it ended with. */
export function outlive(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** The end of a script that failed: what was said, in one line, and a non-zero exit. */
export function fail(error) {
  if (error instanceof CommandFailed && error.output) process.stderr.write(`${error.output}\n`);
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
