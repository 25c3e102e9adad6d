import { readFile } from 'node:fs/promises';
import { authority } from '@skerry/shared/authority';
import type { Clock, Random } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import type { NodeName } from '@skerry/shared/names';
import type { MqttConfig } from '../config.ts';
import type { RunningBus } from './bus.ts';

export interface BusParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Our own broker, or the way to somebody else's; what the other would need is not loaded. */
export async function openBus(
  parts: BusParts,
  config: MqttConfig,
  node: NodeName,
): Promise<RunningBus> {
  const { mode, host, port, username, password, ca, version, session } = config;
  const log = parts.log.child({ room: 'broker' });
  if (mode === 'embedded') {
    const { EmbeddedBus } = await import('./embedded-bus.ts');
    return new EmbeddedBus({ ...parts, host, port, log });
  }
  const settings = {
    url: brokerUrl(config),
    version,
    session,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca: await readFile(ca, 'utf8') }),
  };
  const { MqttBus } = await import('./mqtt-bus.ts');
  return new MqttBus({ ...parts, settings, clientId: `skerry-${node}`, log });
}

/** Where the broker of this node is. */
export function brokerUrl({ url, host, port }: Pick<MqttConfig, 'url' | 'host' | 'port'>): string {
  return url ?? `mqtt://${authority(host, port)}`;
}
