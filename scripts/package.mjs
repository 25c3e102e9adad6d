/**
 * `npm run package [-- --without-node]`: makes dist/skerry/, all that a machine needs to run Skerry, and a
 * tarball of it. With Node's program in it, that is for machines like this one; without, for any Linux
 * machine that has Node 24.
 */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { bundle, bundledFiles, packageRoot } from './bundle.mjs';
import { build, install } from './install-and-build.mjs';
import { capture, fail, root, timed } from './toolchain.mjs';

const programs = ['cloudhub', 'edgecore', 'skerry'];
const alongside = ['deploy', 'docs', 'examples', 'CHANGELOG.md', 'LICENSE', 'README.md'];
const nodeProgram = join(root, 'node_modules', 'node', 'bin', 'node');

/** The agent tidies its heap itself. */
const flags = { edgecore: '--expose-gc ' };

/** Runs on the Node that comes along, else on the machine's. One arena: threads keep less for themselves. */
const launcher = (program) => `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
node=$here/node
[ -x "$node" ] || node=node
MALLOC_ARENA_MAX=\${MALLOC_ARENA_MAX:-1}
export MALLOC_ARENA_MAX
exec "$node" ${flags[program] ?? ''}"$here/../lib/${program}.js" "$@"
`;

/** Brings dist/skerry/ to the state of the code; Node's program stays out of it until it is packed. */
export async function makePackage() {
  await bundle();
  const bin = join(packageRoot, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const program of programs) {
    writeFileSync(join(bin, program), launcher(program));
    chmodSync(join(bin, program), 0o755);
  }
  for (const name of alongside) {
    rmSync(join(packageRoot, name), { recursive: true, force: true });
    cpSync(join(root, name), join(packageRoot, name), { recursive: true });
  }
}

/** Makes the tarball; resolves with its path. */
async function pack(withNode) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const machine = withNode ? `linux-${process.arch}` : 'linux';
  const [name, tarball] = [`skerry-${version}`, `dist/skerry-${version}-${machine}.tar.gz`];
  const node = join(packageRoot, 'bin', 'node');
  rmSync(node, { force: true });
  if (withNode) cpSync(nodeProgram, node);
  const files = ['bin', ...bundledFiles(), ...alongside].map((file) => `skerry/${file}`);
  const renamed = `--transform=s,^skerry,${name},`;
  const owned = ['--owner=0', '--group=0', '--sort=name'];
  await capture(['tar', '-C', 'dist', '-czf', tarball, renamed, ...owned, ...files]);
  rmSync(node, { force: true });
  return tarball;
}

async function main() {
  await install();
  await build();
  await makePackage();
  const withNode = !process.argv.includes('--without-node');
  let tarball = '';
  await timed('pack', async () => (tarball = await pack(withNode)));
  const megabytes = (statSync(join(root, tarball)).size / 1e6).toFixed(1);
  process.stdout.write(`\n${tarball}, ${megabytes} MB\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main().catch(fail);
