import type { DaemonParts } from '@skerry/shared/daemon';
import type { NodeName } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import { openAlarms, type Alarms } from './alarms/run-alarms.ts';
import type { JudgementReader } from './alarms/sources.ts';
import { ToldStatuses } from './alarms/told-statuses.ts';
import type { EdgeCoreConfig, MqttConfig } from './config.ts';
import type { Reporter } from './link/reporter.ts';
import type { ObjectReader } from './meta/object-reader.ts';

export interface Alarming {
  /** Reports about nodes, pods and devices go through it. */
  readonly statuses: ToldStatuses;
  readonly alarms: Alarms;
}

interface AlarmingNeeds {
  readonly node: NodeName;
  readonly store: Store;
  readonly objects: ObjectReader;
  readonly reporter: Reporter;
  readonly judgements: JudgementReader;
}

/** The alarms of this node, joined with what they look at. */
export async function openAlarming(
  parts: DaemonParts<EdgeCoreConfig>,
  needs: AlarmingNeeds,
): Promise<Alarming> {
  const { config, log } = parts;
  const statuses = new ToldStatuses(needs.objects);
  const alarms = await openAlarms({
    ...parts,
    ...needs,
    statuses,
    config: config.alarms,
    brokerUrl: brokerUrl(config.mqtt),
    certificate: config.tls.cert,
    log: log.child({ room: 'alarms' }),
  });
  return { statuses, alarms };
}

/** Where the broker of this node is. */
export function brokerUrl({ url, host, port }: Pick<MqttConfig, 'url' | 'host' | 'port'>): string {
  return url ?? `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
