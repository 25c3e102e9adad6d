import { describe, expect, it } from 'vitest';
import { deviceId } from '../device-id.ts';
import { selects } from '../topic-filter.ts';
import { addressee, newsTopics, verbFilters } from './topic-names.ts';

describe('topic names', () => {
  it.each([
    ['$hw/events/device/thermo/twin/update', 'default/thermo'],
    ['$hw/events/device/plant/thermo/twin/update', 'plant/thermo'],
    ['$hw/events/device/plant/twin/twin/update', 'plant/twin'],
  ])('%s is about %s', (topic, device) => {
    expect(verbFilters('twin/update').filter((filter) => selects(filter, topic))).toHaveLength(1);
    expect(addressee(topic, 'twin/update')).toBe(device);
  });

  it('does not take its own answers and news for requests', () => {
    const thermo = deviceId('default', 'thermo');
    const own = [
      '$hw/events/device/default/thermo/twin/update/result',
      ...newsTopics(thermo, 'twin/update/delta'),
      ...newsTopics(thermo, 'twin/update/document'),
    ];
    for (const topic of own)
      for (const verb of ['twin/update', 'twin/get', 'state/update'] as const)
        expect(verbFilters(verb).filter((filter) => selects(filter, topic))).toEqual([]);
  });

  it('tells news of a device of another namespace by its full name alone', () => {
    expect(newsTopics(deviceId('plant', 'a'), 'twin/update/delta')).toEqual([
      '$hw/events/device/plant/a/twin/update/delta',
    ]);
  });
});
