import { setFlagsFromString } from 'node:v8';

/** Bytes of a slab that small buffers share: who keeps one of them keeps the slab. Node's own choice is 64 KB. */
const slabBytes = 8 * 1024;

/**
 * Settings of V8 and Node for a process that mostly waits, on machines where memory is dear
 * (docs/decisions/0011-a-lean-agent.md, 0017-the-agent-is-bundled.md); call it before anything else is
 * imported.
 *
 * - The young generation keeps its first size: objects live as long as a message does.
 * - Code is compiled for size.
 * - The compilers sleep: code that seldom runs is not worth what they take. `wakeCompilers` brings them
 *   back.
 * - Slabs of buffers are small: a few small buffers that stay would hold on to many slabs.
 */
export function startLean(): void {
  for (const flag of ['--semi-space-growth-factor=1', '--optimize-for-size', ...asleep])
    setFlagsFromString(flag);
  Buffer.poolSize = slabBytes;
}

/** What is hot from now on is compiled. */
export function wakeCompilers(): void {
  for (const flag of awake) setFlagsFromString(flag);
}

const compilers = ['opt', 'maglev', 'sparkplug'];
const asleep = compilers.map((compiler) => `--no-${compiler}`);
const awake = compilers.map((compiler) => `--${compiler}`);
