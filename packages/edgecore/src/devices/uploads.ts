import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import { objectKey, type NodeName } from '@skerry/shared/names';
import { aborted } from '@skerry/shared/supervise';
import type { Bus, BusMessage } from './bus.ts';
import { devicesResource } from './device-id.ts';
import type { PushDesk } from '../push/push-desk.ts';
import type { PushTarget } from '../push/push-target.ts';

/** Bytes of a message for the cloud; a larger one is not taken. */
export const maxUploadBytes: number = 64 * 1024;
const timeoutMs = 10_000;
/** What is uploaded is about no device. */
const noDevice = objectKey(devicesResource, '', '-');

/** Where programs publish what is meant for the cloud. */
export function uploadFilters(node: NodeName): readonly string[] {
  return ['$hw/events/upload/#', 'SYS/dis/upload_records', `${node}/user/#`];
}

export interface UploadsParts {
  readonly bus: Bus;
  readonly node: NodeName;
  readonly desk: Pick<PushDesk, 'offer'>;
  /** `http://` or `https://`; undefined: there is nowhere to bring them. */
  readonly url: string | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Brings messages of programs to the cloud until the signal aborts: each is on disk before its publisher is
 * told that it has arrived, and waits there until it is taken. What the broker retained went before.
 */
export async function serveUploads(parts: UploadsParts, signal: AbortSignal): Promise<void> {
  const { bus, node, desk, url, log, metrics } = parts;
  const count = metrics.counter<'outcome'>(
    'device_uploads_total',
    'Messages of programs for the cloud, by what became of them at the node.',
    ['outcome'],
  );
  const target: PushTarget | undefined =
    url === undefined ? undefined : { method: 'http', url, timeoutMs };
  const told = new Set<string>();
  const take = async (message: BusMessage): Promise<void> => {
    if (message.retained) return;
    const outcome = outcomeOf(message, target);
    if (target && outcome === 'kept')
      await desk.offer(target, noDevice, JSON.stringify(uploadOf(node, message)));
    else if (!told.has(outcome)) {
      // Once for each reason: programs publish as often as they like, and the metric counts on.
      told.add(outcome);
      log.warn({ topic: message.topic, outcome }, 'a message for the cloud was not taken');
    }
    count.inc({ outcome });
  };
  using subscriptions = new DisposableStack();
  for (const filter of uploadFilters(node)) subscriptions.use(bus.subscribe(filter, take));
  await aborted(signal);
}

function outcomeOf(
  { payload }: BusMessage,
  target: PushTarget | undefined,
): 'kept' | 'nowhere' | 'too-large' {
  if (!target) return 'nowhere';
  return payload.length > maxUploadBytes ? 'too-large' : 'kept';
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A message as the cloud gets it: `payload` where it is text, otherwise `payloadBase64`. */
export function uploadOf(
  node: NodeName,
  { topic, payload, receivedAt }: BusMessage,
): Readonly<Record<string, string | number>> {
  const from = { node, topic, timestamp: receivedAt };
  try {
    return { ...from, payload: utf8.decode(payload) };
  } catch {
    return { ...from, payloadBase64: Buffer.from(payload).toString('base64') };
  }
}
