import { openBroker } from '@skerry/edgecore/devices/broker';
import { silentLog } from '@skerry/shared/log';
import { connectAsync } from 'mqtt';

/** The same messages through the same broker to a subscriber that does nothing with them: seconds. */
export async function rawBrokerSeconds(topics: number, messages: number): Promise<number> {
  await using broker = await openBroker({ host: '127.0.0.1', port: 0, log: silentLog });
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const [speaker, listener] = await Promise.all([connectAsync(url), connectAsync(url)]);
  const all = Promise.withResolvers<undefined>();
  let heard = 0;
  listener.on('message', () => {
    heard += 1;
    if (heard === messages) all.resolve(undefined);
  });
  await listener.subscribeAsync('raw/+', { qos: 1 });
  const began = performance.now();
  for (let i = 0; i < messages; i++)
    speaker.publish(`raw/${i % topics}`, JSON.stringify({ value: i }), { qos: 1 });
  await all.promise;
  const seconds = (performance.now() - began) / 1_000;
  await Promise.all([speaker.endAsync(true), listener.endAsync(true)]);
  return seconds;
}
