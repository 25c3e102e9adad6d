import { hostname } from 'node:os';
import type { DaemonParts } from '@skerry/shared/daemon';
import { post } from '@skerry/shared/http-post';
import type { Task } from '@skerry/shared/supervise';
import type { CloudHubConfig } from '../config.ts';
import { AlertObjects } from '../upstream/alert-objects.ts';
import type { CurrentObjects } from '../upstream/current-objects.ts';
import { StatusWriter } from '../upstream/status-writer.ts';
import { oneHub } from './one-hub.ts';
import { runHubAlarms, type HubAlarmsParts } from './run-hub-alarms.ts';

type HubAlarmNeeds = DaemonParts<CloudHubConfig> &
  Pick<HubAlarmsParts, 'api' | 'placement'> & { readonly current: CurrentObjects };

/** The Lease of the hub that raises alarms. */
const leaseName = 'skerry-alarms';

/** What the hub raises for nodes that cannot, as it is configured: of several hubs one does at a time. */
export function hubAlarms(needs: HubAlarmNeeds): Task {
  const { api, current, config } = needs;
  const objects = new AlertObjects({ ...needs, statuses: new StatusWriter(api, current) });
  const shipped = config.alarms.shipped === 'on';
  const graceSeconds = config.nodeMonitorGraceSeconds;
  const { webhook } = config.alarms;
  const log = needs.log.child({ room: 'alarms' });
  const own = { objects, shipped, graceSeconds, webhook, post, log };
  const identity = `${hostname()}:${config.edges.port}`;
  const lease = { ...needs, name: leaseName, identity, log };
  return (signal) => oneHub(lease, (held) => runHubAlarms({ ...needs, ...own }, held), signal);
}
