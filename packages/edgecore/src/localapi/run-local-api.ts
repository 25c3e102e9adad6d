import { join } from 'node:path';
import { authority } from '@skerry/shared/authority';
import { codeOf, messageOf } from '@skerry/shared/errors';
import { ensureCredentials, type Credentials } from './credentials.ts';
import { runFront } from './front.ts';
import type { LocalApi } from './local-api.ts';
import type { LocalParts } from './local-parts.ts';
import { PodDoors, isEverywhere } from './pod-doors.ts';

export interface LocalApiConfig {
  readonly host: string;
  readonly port: number;
  /** A Unix socket; absent: where `socketPath` says. */
  readonly socket?: string | undefined;
}

export interface RunParts extends LocalParts {
  readonly config: LocalApiConfig;
  readonly dataDir: string;
  readonly podDoors: PodDoors;
}

/** The longest path that a Unix socket may have on Linux, bytes: unix(7). */
const longestPath = 107;
const systemDataDir = '/var/lib/skerry/edgecore';
const systemSocket = '/run/skerry/edgecore.sock';

/** Where the socket of an agent is: the system's own has it in /run, every other in its data directory. */
export function socketPath(dataDir: string, configured: string | undefined): string {
  if (configured !== undefined) return configured;
  return dataDir === systemDataDir ? systemSocket : join(dataDir, 'local-api', 'api.sock');
}

/**
 * Serves the local API until `signal` aborts, to pods as soon as one asks for it. The engine is loaded when
 * the first connection comes.
 */
export async function runLocalApi(parts: RunParts, signal: AbortSignal): Promise<void> {
  const { config, dataDir, log, podDoors } = parts;
  const { host } = config;
  const credentials = await ensureCredentials({
    ...parts,
    addresses: isEverywhere(host) ? [] : [host],
    url: `https://${authority(isEverywhere(host) ? '127.0.0.1' : host, config.port)}`,
    now: parts.clock.now(),
  });
  const opening = opener(parts, credentials);
  const path = socketPath(dataDir, config.socket);
  const fits = Buffer.byteLength(path) <= longestPath;
  if (!fits) log.warn({ path }, 'the path is too long for a Unix socket: there is none');
  const failed = (error: unknown): void =>
    log.warn({ code: codeOf(error), error: messageOf(error) }, 'something failed at the local API');
  const front = { open: opening.open, failed };
  const onListening = (port: number): void => {
    log.info({ port, ...(fits && { path }) }, 'the local API listens');
    podDoors.opened({ ...front, ca: credentials.ca, host, port, log, signal });
  };
  try {
    await runFront({ ...front, ...config, path: fits ? path : undefined, onListening }, signal);
  } finally {
    await podDoors.closed();
    await opening.close();
  }
}

/** Opens the engine once, and again where that failed. */
function opener(
  parts: RunParts,
  credentials: Credentials,
): { readonly open: () => Promise<LocalApi>; readonly close: () => Promise<void> } {
  let opening: Promise<LocalApi> | undefined;
  return {
    open: () => {
      opening ??= load(parts, credentials).catch((error: unknown) => {
        opening = undefined; // the next connection tries again
        throw error;
      });
      return opening;
    },
    close: async () => {
      await (await opening?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

async function load(parts: RunParts, credentials: Credentials): Promise<LocalApi> {
  const { openLocalApi } = await import('./local-api.ts');
  return openLocalApi(parts, credentials);
}
