/** `npm start`: makes the project ready to run, then runs all of it here (`skerry up`). */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { packageRoot } from './bundle.mjs';
import { build, install } from './install-and-build.mjs';
import { makePackage } from './package.mjs';
import { environment, fail, outlive, pinnedNode, root } from './toolchain.mjs';

async function start() {
  await install();
  await build('packages/cli');
  await makePackage();
  const skerry = join(packageRoot, 'lib', 'skerry.js');
  // The channel is how the child learns that we are gone, even by SIGKILL.
  const child = spawn(pinnedNode, [skerry, 'up', ...process.argv.slice(2)], {
    cwd: root,
    env: environment(),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  endWithNpm(child);
  process.exit(await outlive(child));
}

/** npm killed by SIGKILL cannot tell us, but then the process that started us has another parent. */
function endWithNpm(child) {
  const starter = starterOf(process.ppid);
  setInterval(() => {
    if (starterOf(process.ppid) !== starter) child.kill('SIGTERM');
  }, 1000).unref();
}

/** Between npm and us there is usually a shell, which outlives npm: then it is the shell's parent. */
function starterOf(parent) {
  const command = readProc(parent, 'cmdline').split('\0');
  if (command[1] !== '-c') return parent;
  return Number(readProc(parent, 'stat').replace(/.*\) /, '').split(' ')[1]);
}

function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

start().catch(fail);
