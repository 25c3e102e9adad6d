import type { DaemonParts } from '@skerry/shared/daemon';
import type { NodeName } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import { openAlarms, type Alarms } from './alarms/run-alarms.ts';
import type { JudgementReader } from './alarms/sources.ts';
import { ToldStatuses } from './alarms/told-statuses.ts';
import type { EdgeCoreConfig } from './config.ts';
import { brokerUrl } from './devices/open-bus.ts';
import type { LocalSide } from './local-side.ts';

interface AlarmingNeeds {
  readonly node: NodeName;
  readonly store: Store;
  readonly side: Pick<LocalSide, 'objects' | 'reporter' | 'told'>;
  readonly judgements: JudgementReader;
}

/** The alarms of this node, joined with what they look at. */
export function openAlarming(
  parts: DaemonParts<EdgeCoreConfig>,
  { node, store, side, judgements }: AlarmingNeeds,
): Promise<Alarms> {
  const { config, log } = parts;
  const { objects, reporter, told } = side;
  return openAlarms({
    ...parts,
    ...{ node, store, objects, reporter, judgements },
    statuses: new ToldStatuses(objects, told),
    config: config.alarms,
    brokerUrl: brokerUrl(config.mqtt),
    certificate: config.tls.cert,
    log: log.child({ room: 'alarms' }),
  });
}
