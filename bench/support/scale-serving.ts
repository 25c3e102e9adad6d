import { once } from 'node:events';
import type { Server } from 'node:http';
import { edgeBacklog } from '@skerry/cloudhub/server/edge-listener';
import { listen } from '@skerry/shared/listen';
import type { ScaleCommand } from './scale-process.ts';

/** Listens, and does what the parent says until it lets go; `change` returns a version. */
export async function serve(
  server: Server,
  change: (command: ScaleCommand) => number,
): Promise<void> {
  const port = await listen(server, { host: '127.0.0.1', port: 0 }, edgeBacklog);
  process.on('message', (command: ScaleCommand) => {
    const at = process.hrtime.bigint();
    const version = change(command);
    process.send?.({ version, at: String(at) });
  });
  process.send?.({ port });
  await once(process, 'disconnect');
  server.close();
}
