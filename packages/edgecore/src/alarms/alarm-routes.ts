import type { AlertRule } from '@skerry/shared/alarms/alert-rule';
import type { Route } from '@skerry/shared/health';
import { placeOf } from '@skerry/shared/place-of';
import type { Alarms } from './run-alarms.ts';

/** For programs at the node: `/alerts`, `/alert-rules`, `/silences`. */
export function alarmRoutes(
  alarms: Alarms,
): Readonly<Record<'alerts' | 'alert-rules' | 'silences', Route>> {
  return {
    alerts: () => alarms.alerts(),
    'alert-rules': async () => (await alarms.rules()).map(shown),
    silences: () => alarms.silences(),
  };
}

/** Whoever reaches the port may read it: what opens a receiver is left out. */
function shown({ receivers, ...rule }: AlertRule): object {
  const places = receivers.map(({ url, ...receiver }) => ({
    ...receiver,
    ...(url !== undefined && { url: placeOf(url) }),
  }));
  return { ...rule, receivers: places };
}
