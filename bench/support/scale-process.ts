import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { configMaps, devices } from '@skerry/cloudhub/kube/resource';
import { census } from '@skerry/cli/sim/population';
import {
  objectKey,
  version,
  type NodeName,
  type ObjectKey,
  type Version,
} from '@skerry/shared/names';
import { memoryOf } from './process-usage.ts';

export interface ScaleServerOptions {
  /** The hub's relay, or raw WebSockets. */
  readonly kind: 'hub' | 'raw';
  /** PEM; absent: without TLS. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
  /** How many nodes there are: the first of `benchNodes`. */
  readonly nodes: number;
}

/** A node's own object, or the one that all of them need, is to change to so many bytes. */
export interface ScaleCommand {
  readonly change: string;
  readonly bytes: number;
}

export function benchNodes(count: number): readonly NodeName[] {
  return census({ prefix: 'bench', nodes: count, devices: 0, load: 'constant' }).nodes;
}

/** What every node needs. */
export const sharedKey: ObjectKey = objectKey(configMaps.name, 'default', 'shared');

/** The object of one node. */
export function deviceKeyOf(node: string): ObjectKey {
  return objectKey(devices.name, 'default', node);
}

/** bench/support/scale-server.ts as a process. */
export interface ScaleProcess extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  /** Resident memory before anybody came, bytes. */
  readonly idleBytes: number;
  /** Resolves with the object's new version, and when (`process.hrtime`, nanoseconds) it was made. */
  change(command: ScaleCommand): Promise<{ readonly version: Version; readonly at: bigint }>;
}

const settleMs = 1_000;

export async function startScaleServer(options: ScaleServerOptions): Promise<ScaleProcess> {
  const program = join(import.meta.dirname, 'scale-server.ts');
  const child = fork(program, [JSON.stringify(options)], { execPath: process.execPath });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  await sleep(settleMs);
  const pid = child.pid ?? 0;
  return {
    pid,
    port,
    idleBytes: (await memoryOf(pid)).rss,
    change: async (command) => {
      child.send(command);
      const [answer] = (await once(child, 'message')) as [{ version: number; at: string }];
      return { version: version(String(answer.version)), at: BigInt(answer.at) };
    },
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
