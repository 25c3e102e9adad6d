import { MqttBus } from '@skerry/edgecore/devices/mqtt-bus';
import type { DeviceId } from '@skerry/edgecore/devices/device-id';
import {
  resultTopic,
  verbTopic,
  type DeviceVerb,
} from '@skerry/edgecore/devices/topics/topic-names';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { EdgeError } from '@skerry/shared/errors';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { parseJson } from '@skerry/shared/parse-json';
import { within } from '@skerry/shared/within';

/** The node did not answer, or answered that it would not. */
export class NotGranted extends EdgeError {
  readonly code = 'device.not-granted';
  readonly disposition = 'fatal';
}

export interface EdgeRequest {
  /** Of the node's MQTT broker. */
  readonly url: string;
  readonly device: DeviceId;
  readonly verb: DeviceVerb;
  readonly body: object;
}

const patienceMs = 10_000;

/** Asks the agent of a node over its broker; throws NotGranted. */
export async function askEdge<T>({ url, device, verb, body }: EdgeRequest): Promise<T> {
  const eventId = `skerry-${process.pid}-${systemClock.now()}`;
  const settings = { url, session: 'clean' } as const;
  const parts = { clock: systemClock, random: systemRandom, log: silentLog, metrics: noMetrics };
  const bus = new MqttBus({ settings, clientId: eventId, ...parts });
  const stop = new AbortController();
  const running = bus.run(stop.signal);
  try {
    const topic = verbTopic(device, verb);
    const answered = Promise.withResolvers<Answer>();
    using _listening = bus.subscribe(resultTopic(topic), ({ payload }) => {
      const answer = parseJson(payload) as Answer;
      if (answer.event_id === eventId) answered.resolve(answer);
      return Promise.resolve();
    });
    const ask = JSON.stringify({ event_id: eventId, timestamp: systemClock.now(), ...body });
    const asked = publishSoon(bus, topic, ask, stop.signal).then(() => answered.promise);
    const answer = await within(patienceMs, asked, { clock: systemClock, signal: stop.signal });
    if (!answer) throw new NotGranted(`no agent answers at ${url}`);
    if (answer.code !== 0) throw new NotGranted(`${answer.reason ?? 'refused'} (${answer.code})`);
    return answer as T;
  } finally {
    stop.abort(new DOMException('asked and answered', 'AbortError'));
    await running;
  }
}

interface Answer {
  readonly event_id: string;
  readonly code: number;
  readonly reason?: string;
}

/** Until there is a broker; behind our subscription, which was asked for before. */
async function publishSoon(
  bus: MqttBus,
  topic: string,
  payload: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const sent = await bus.publish(topic, payload).then(
      () => true,
      () => false,
    );
    if (sent) return;
    await systemClock.sleep(20, signal).catch(() => undefined);
  }
}
