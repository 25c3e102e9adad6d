import { defaultRules } from '@skerry/shared/alarms/default-rules';
import { expect, it } from 'vitest';
import { alarmRoutes } from './alarm-routes.ts';
import type { Alarms } from './run-alarms.ts';

it('shows rules without what opens their receivers', async () => {
  const webhook = {
    type: 'webhook',
    url: 'https://hooks.example/s3cret',
    timeoutSeconds: 10,
  } as const;
  const mqtt = { type: 'mqtt', topic: 'alarms', qos: 1, retain: false } as const;
  const rules = defaultRules.slice(0, 1).map((rule) => ({ ...rule, receivers: [webhook, mqtt] }));
  const alarms = { rules: () => Promise.resolve(rules) } as unknown as Alarms;
  const asked = { method: 'GET', rest: '', query: new URLSearchParams(), body: '' } as const;
  expect(await alarmRoutes(alarms)['alert-rules'](asked)).toEqual([
    expect.objectContaining({
      name: 'node-silent',
      receivers: [{ ...webhook, url: 'https://hooks.example' }, mqtt],
    }),
  ]);
});
