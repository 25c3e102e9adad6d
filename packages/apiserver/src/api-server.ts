import { join } from 'node:path';
import type { Clock, Random } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import { supervise } from '@skerry/shared/supervise';
import { clusterTasks, type ClusterRole } from './controllers/cluster-controllers.ts';
import { followDefinitions, loadDefinitions } from './controllers/definitions.ts';
import { runDefinitionCleanup } from './controllers/definition-cleanup.ts';
import { runEventExpiry } from './controllers/event-expiry.ts';
import { makeBuiltinNamespaces, runNamespaces } from './controllers/namespaces.ts';
import { runOrphanedPods } from './controllers/orphaned-pods.ts';
import { HttpsDoor, type ServerTls } from './http/https-server.ts';
import { builtins } from './registry/builtins.ts';
import { Registry } from './registry/registry.ts';
import { openObjectStore } from './storage/object-store.ts';

export interface ApiServerOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0: a free one, chosen by the system. */
  readonly port: number;
  readonly tls: ServerTls;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  /** Absent: the whole cluster. */
  readonly role?: ClusterRole;
}

/** A Kubernetes API over one LevelDB. Disposing ends watches and controllers and closes the store. */
export interface ApiServer extends AsyncDisposable {
  /** For example `https://127.0.0.1:6443`. */
  readonly url: string;
}

/**
 * Serves the API once it resolves. Throws Misconfiguration when another process owns `dataDir` or
 * it cannot be read, and PortInUse when one listens on the port.
 */
export async function openApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { dataDir, host, port, tls, clock, random, role = 'cluster' } = options;
  const log = options.log.child({ room: 'api' });
  await using opened = new AsyncDisposableStack();
  const store = opened.use(
    await openObjectStore({ directory: join(dataDir, 'objects'), now: () => clock.now() }),
  );
  const registry = new Registry(builtins);
  loadDefinitions(store, registry);
  const parts = { store, registry, clock, random, log };
  await makeBuiltinNamespaces(parts);
  const ending = new AbortController();
  const controllers = supervise(ending.signal, {
    definitions: (signal) => followDefinitions(store, registry, signal),
    cleanup: (signal) => runDefinitionCleanup(parts, signal),
    events: (signal) => runEventExpiry(parts, signal),
    orphans: (signal) => runOrphanedPods(parts, signal),
    namespaces: (signal) => runNamespaces({ ...parts, authority: tls.ca }, signal),
    ...clusterTasks(role, parts),
  }).catch((error: unknown) => log.error({ err: error }, 'the controllers have ended'));
  opened.defer(async () => {
    ending.abort();
    await controllers;
  });
  const door = opened.use(new HttpsDoor(parts, tls));
  const taken = await door.listen({ host, port });
  const parted = opened.move();
  return {
    url: `https://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}
