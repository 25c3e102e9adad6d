import { createRequire } from 'node:module';

/** What dockerode loads at once and needs only for engines over SSH and for BuildKit sessions. */
const spared: readonly (readonly [through: string, name: string])[] = [
  ['docker-modem', 'ssh2'],
  ['dockerode', '@grpc/grpc-js'],
  ['dockerode', '@grpc/proto-loader'],
];

/**
 * Lets the next import of dockerode go without its SSH client and its gRPC, which cost an agent 11 MB
 * that it never uses: empty modules take their place in the cache of this process.
 */
export function spareHeavyImports(): void {
  const ours = createRequire(import.meta.url);
  const dockerode = createRequire(ours.resolve('dockerode'));
  for (const [through, name] of spared) {
    const require = createRequire(dockerode.resolve(through));
    const file = require.resolve(name);
    require.cache[file] ??= emptyModule(file);
  }
}

function emptyModule(file: string): NodeJS.Module {
  const Module = createRequire(import.meta.url)('node:module') as new (id: string) => NodeJS.Module;
  const empty = new Module(file);
  return Object.assign(empty, { filename: file, loaded: true });
}
