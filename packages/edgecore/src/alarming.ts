import type { DaemonParts } from '@skerry/shared/daemon';
import type { NodeName } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import { openAlarms, type Alarms } from './alarms/run-alarms.ts';
import type { JudgementReader } from './alarms/sources.ts';
import { ToldStatuses } from './alarms/told-statuses.ts';
import type { EdgeCoreConfig } from './config.ts';
import { brokerUrl } from './devices/open-bus.ts';
import type { LocalSide } from './local-side.ts';

export interface Alarming {
  /** Reports about nodes, pods and devices go through it. */
  readonly statuses: ToldStatuses;
  readonly alarms: Alarms;
}

interface AlarmingNeeds {
  readonly node: NodeName;
  readonly store: Store;
  readonly side: Pick<LocalSide, 'objects' | 'reporter'>;
  readonly judgements: JudgementReader;
}

/** The alarms of this node, joined with what they look at. */
export async function openAlarming(
  parts: DaemonParts<EdgeCoreConfig>,
  { node, store, side, judgements }: AlarmingNeeds,
): Promise<Alarming> {
  const { config, log } = parts;
  const { objects, reporter } = side;
  const statuses = new ToldStatuses(objects);
  const alarms = await openAlarms({
    ...parts,
    ...{ node, store, objects, reporter, judgements },
    statuses,
    config: config.alarms,
    brokerUrl: brokerUrl(config.mqtt),
    certificate: config.tls.cert,
    log: log.child({ room: 'alarms' }),
  });
  return { statuses, alarms };
}
