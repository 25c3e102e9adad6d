import type { JsonObject } from '@skerry/apiserver/json';
import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { NodeName } from '@skerry/shared/names';
import { aborted } from '@skerry/shared/supervise';
import { PayloadTooLarge, type Bus, type BusMessage } from '../bus.ts';
import type { DeviceId } from '../device-id.ts';
import type { History } from '../history.ts';
import type { Recorder } from '../recorder.ts';
import type { Served } from '../roster.ts';
import type { TwinStore } from '../twin-store.ts';
import { getHistory } from './history-get.ts';
import { getMembership } from './membership.ts';
import { callMethod, getMethods } from './method-call.ts';
import { Refused, readRequest, type Request } from './request.ts';
import { updateState } from './state-update.ts';
import {
  addressee,
  membershipGet,
  resultTopic,
  verbFilters,
  type DeviceVerb,
} from './topic-names.ts';
import { getTwin } from './twin-get.ts';
import { updateTwin } from './twin-update.ts';

export interface TopicsParts {
  readonly bus: Bus;
  readonly node: NodeName;
  readonly twins: TwinStore;
  readonly history: History;
  readonly record: Recorder;
  readonly served: (device: DeviceId) => Served | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Does what one topic asks; resolves to the answer's own fields, throws Refused. */
type Verb = (
  parts: TopicsParts,
  device: DeviceId,
  request: Request,
  message: BusMessage,
  signal: AbortSignal,
) => Promise<JsonObject>;

const deviceVerbs: Readonly<Record<DeviceVerb, Verb>> = {
  'twin/update': updateTwin,
  'history/get': (parts, device, request) => getHistory(parts, device, request, parts.clock.now()),
  'twin/get': ({ twins }, device) => getTwin(twins, device),
  'state/update': ({ twins }, device, request, message) =>
    updateState(twins, device, request, message),
  'method/get': getMethods,
  'method/call': (parts, device, request, _message, signal) =>
    callMethod(parts, device, request, signal),
};

/** Answers device programs on the `$hw/events/…` topics until the signal aborts. */
export async function serveTopics(parts: TopicsParts, signal: AbortSignal): Promise<void> {
  const { bus, node, twins } = parts;
  using subscriptions = new DisposableStack();
  for (const [name, verb] of Object.entries(deviceVerbs)) {
    const asked = (message: BusMessage): Promise<void> =>
      answer(parts, message, (request) => {
        const device = addressee(message.topic, name as DeviceVerb);
        if (!device) throw new Refused(404, 'the topic names no device');
        return verb(parts, device, request, message, signal);
      });
    for (const filter of verbFilters(name as DeviceVerb))
      subscriptions.use(bus.subscribe(filter, asked));
  }
  const asked = (message: BusMessage): Promise<void> =>
    answer(parts, message, () => Promise.resolve(getMembership(twins)));
  subscriptions.use(bus.subscribe(membershipGet(node), asked));
  await aborted(signal);
}

/** Every request is answered with its `event_id` and a code, whatever became of it. */
async function answer(
  parts: TopicsParts,
  { topic, payload }: BusMessage,
  granted: (request: Request) => Promise<JsonObject>,
): Promise<void> {
  let eventId = '';
  try {
    const request = readRequest(payload);
    ({ eventId } = request);
    reply(parts, topic, eventId, { code: 0, ...(await granted(request)) });
  } catch (error) {
    const code = error instanceof Refused ? error.result : 500;
    const fields = { topic, code: codeOf(error), why: messageOf(error) };
    parts.log[code === 500 ? 'warn' : 'debug'](fields, 'request of a device program not granted');
    reply(parts, topic, eventId, { code, reason: messageOf(error), twin: {} });
  }
}

/** Nothing waits for it: its acknowledgement arrives behind the messages that would wait. */
function reply(parts: TopicsParts, topic: string, eventId: string, fields: JsonObject): void {
  const { bus, clock, log } = parts;
  const body = JSON.stringify({ event_id: eventId, timestamp: clock.now(), ...fields });
  bus.publish(resultTopic(topic), body).catch((error: unknown) => {
    log.debug({ topic, code: codeOf(error), why: messageOf(error) }, 'answer not published');
    if (error instanceof PayloadTooLarge)
      reply(parts, topic, eventId, {
        code: 500,
        reason: `the answer is too large: ${error.message}`,
      });
  });
}
