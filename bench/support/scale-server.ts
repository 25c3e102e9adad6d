/**
 * The hub's relay in a process of its own, for benches; or, as its floor, a raw WebSocket server. Told what
 * to be by its first argument, and what to do by its parent.
 */
import { startLean } from '@skerry/cloudhub/lean-start';
import type { ScaleServerOptions } from './scale-process.ts';

const options = JSON.parse(process.argv[2] ?? '') as ScaleServerOptions;
if (options.kind === 'hub') {
  startLean(); // as the hub does, before the rest is loaded
  const { serveHub } = await import('./scale-hub.ts');
  await serveHub(options);
} else {
  const { serveRaw } = await import('./scale-raw.ts');
  await serveRaw(options);
}
process.exit(0); // whoever is still connected is cut off
