/**
 * Makes dist/skerry/lib/ from what was compiled: the daemons and the command, each with the libraries it
 * needs, in a few files. Skipped when every module that went in is as it was then.
 */
import {
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { fail, root, timed } from './toolchain.mjs';

/** What becomes a package: `lib/` is made here, the rest by package.mjs. */
export const packageRoot = join(root, 'dist', 'skerry');
const lib = join(packageRoot, 'lib');
const record = join(lib, 'made-of.json');

const inputs = {
  cloudhub: 'packages/cloudhub/bin/cloudhub.js',
  edgecore: 'packages/edgecore/bin/edgecore.js',
  skerry: 'packages/cli/bin/skerry.js',
  'end-with-parent': 'packages/cli/dist/up/end-with-parent.js',
  thermometer: 'examples/thermometer/thermometer.ts',
};

/** What libraries load for what nothing of ours asks of them, by who loads it. */
const unused = [
  {
    // engines reached over SSH, images built
    by: /node_modules\/(dockerode|docker-modem)\//,
    what: /^(ssh2|\.\/session|\.\/buildkit|tar-fs|@balena\/dockerignore)$/,
  },
  {
    // figures of their own, with an API of traces, and figures pushed or gathered from a cluster of processes
    by: /node_modules\/prom-client\/index\.js$/,
    what: /^\.\/lib\/(defaultMetrics|cluster|pushgateway)$/,
  },
];

/** Modules that are others in a package than in a checkout. */
const inAPackage = {
  'shared/dist/installation.js': () => read('packages/shared/dist/packaged-installation.js'),
  'edgecore/dist/runtime/docker/spare-imports.js': () => 'export function spareHeavyImports() {}',
};

/** What finds the compiled part of `classic-level`, and all that it may find on Linux. */
const nativeParts = [
  'classic-level/binding.js',
  'classic-level/package.json',
  'classic-level/prebuilds',
  'classic-level/build',
  'node-gyp-build',
];
const foreign = /prebuilds\/(android|darwin|win32)/;

/** MQTT's parser describes each step of each packet to `debug`, which takes memory also where it is off. */
const silence = `
const silent = Object.assign(() => {}, { enabled: false, extend: () => silent, log() {} });
module.exports = Object.assign(() => silent, { enable() {}, disable() {}, enabled: () => false });
`;

const choices = {
  name: 'choices',
  resolveId(id, importer = '') {
    if (isBuiltin(id) && id !== 'node:module') return `\0${id}`; // that one the bundler needs itself
    if (unused.some(({ by, what }) => what.test(id) && by.test(importer))) return '\0unused';
    if (id === 'debug') return '\0debug';
    if (id === 'readable-stream') return '\0stream'; // Node's own, of some version
    if (id === './binding' && importer.includes('/classic-level/'))
      return { id: 'classic-level/binding.js', external: true };
    return null;
  },
  load(id) {
    if (id === '\0unused') return 'module.exports = {};';
    if (id === '\0debug') return silence;
    if (id.startsWith('\0') && isBuiltin(id.slice(1))) return builtin(id.slice(1));
    return inAPackage[id.slice(join(root, 'packages/').length)]?.() ?? null;
  },
};

/**
 * An `import` of a module of Node loads what all of its exports stand for; that of `node:http` alone loads
 * a WebSocket client, 4 MB that nothing of ours uses. Of an object, only what is used is loaded.
 */
function builtin(id) {
  return `module.exports = process.getBuiltinModule(${JSON.stringify(id)});`;
}

/** A single character beyond Latin 1 doubles what the text of its file takes in memory. */
function inAscii(code) {
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return code.replace(/[^\0-\x7f]/g, escaped);
}

/** Resolves when the bundle is of the code as it is now. Leaves what a running program may still load. */
export async function bundle() {
  if (!isFresh()) await timed('bundle', make);
}

/** The files of the bundle as it is now, relative to `packageRoot`. */
export function bundledFiles() {
  return readRecord().files.map((file) => `lib/${file}`);
}

async function make() {
  const { rolldown } = await import('rolldown'); // only there once dependencies are installed
  const input = Object.fromEntries(
    Object.entries(inputs).map(([name, path]) => [name, join(root, path)]),
  );
  rmSync(record, { force: true });
  const made = await rolldown({ input, platform: 'node', plugins: [choices] });
  const { output } = await made.generate({
    format: 'esm',
    keepNames: true, // errors are known by the names of their classes
    minify: { mangle: false, compress: true },
    chunkFileNames: '[name]-[hash].js',
  });
  await made.close();
  for (const { fileName, code } of output) write(fileName, inAscii(code));
  write('package.json', '{ "type": "module" }\n');
  const native = nativeParts.filter(copyModule).map((part) => `node_modules/${part}`);
  const files = ['package.json', ...native, ...output.map(({ fileName }) => fileName)];
  const madeOf = output
    .flatMap(({ moduleIds = [] }) => moduleIds)
    .filter((id) => !id.startsWith('\0'));
  write('made-of.json', JSON.stringify({ files, states: statesOf(madeOf) })); // without it, no bundle
}

function copyModule(part) {
  const from = join(root, 'node_modules', part);
  if (!statSync(from, { throwIfNoEntry: false })) return false;
  const filter = (path) => !foreign.test(path);
  cpSync(from, join(lib, 'node_modules', part), { recursive: true, filter });
  return true;
}

function write(file, text) {
  const path = join(lib, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function read(path) {
  return readFileSync(join(root, path), 'utf8');
}

function statesOf(modules) {
  const besides = ['package-lock.json', 'packages/shared/dist/packaged-installation.js'];
  const files = [fileURLToPath(import.meta.url), ...besides.map((path) => join(root, path))];
  return Object.fromEntries([...files, ...modules].map((path) => [path, stateOf(path)]));
}

function isFresh() {
  const { files, states } = readRecord();
  return (
    files.length > 0 &&
    files.every((file) => stateOf(join(lib, file)) !== 'absent') &&
    Object.entries(states).every(([path, state]) => stateOf(path) === state)
  );
}

function readRecord() {
  const kept = stateOf(record) === 'absent' ? undefined : readFileSync(record, 'utf8');
  return kept === undefined ? { files: [], states: {} } : JSON.parse(kept);
}

function stateOf(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.size} ${found.mtimeMs}` : 'absent';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) bundle().catch(fail);
