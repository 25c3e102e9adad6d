/** `npm start`: makes the project ready to run, then runs all of it here (`skerry up`). */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { build, install } from './install-and-build.mjs';
import { environment, fail, outlive, pinnedNode, root } from './toolchain.mjs';

async function start() {
  await install();
  await build('packages/cli');
  const skerry = join(root, 'packages', 'cli', 'bin', 'skerry.js');
  // The channel is how the child learns that we are gone, even by SIGKILL.
  const child = spawn(pinnedNode, [skerry, 'up', ...process.argv.slice(2)], {
    cwd: root,
    env: environment(),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  endWithParent(child);
  process.exit(await outlive(child));
}

/** npm killed by SIGKILL cannot tell us, but we get another parent then. */
function endWithParent(child) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM');
  }, 1000).unref();
}

start().catch(fail);
