import type { Routes } from '@skerry/shared/health';
import type { Alarms } from './run-alarms.ts';

/** For programs at the node: `/alerts`, `/alert-rules`, `/silences`. */
export function alarmRoutes(alarms: Alarms): Routes {
  return {
    alerts: () => alarms.alerts(),
    'alert-rules': () => alarms.rules(),
    silences: () => alarms.silences(),
  };
}
