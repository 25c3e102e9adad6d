/**
 * Installs dependencies when the lock file is newer than what is installed, and compiles what changed.
 * Run alone, it does just that; start, check, test and bench begin with it.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { generateProto } from './generate-proto.mjs';
import { capture, fail, pinnedNode, root, timed } from './toolchain.mjs';

/** Installs from the lock file, unless what it names is already there. */
export async function install() {
  if (isInstalled()) return;
  await timed('install dependencies', () =>
    capture(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error']),
  );
  if (!existsSync(pinnedNode))
    throw new Error(
      'npm did not install our Node: are install scripts switched off (ignore-scripts)?',
    );
}

/** Compiles `project` and everything it refers to. */
export async function build(project = '.') {
  await timed('build', async () => {
    await generateProto();
    await capture(['tsc', '-b', project]);
  });
}

function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json'); // npm writes it last
  if (!existsSync(record) || !existsSync(pinnedNode)) return false;
  return statSync(record).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  install()
    .then(() => build())
    .catch(fail);
