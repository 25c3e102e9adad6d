import { textAt, type JsonObject } from '@skerry/apiserver/json';
import type { BusMessage } from '../bus.ts';
import type { DeviceId } from '../device-id.ts';
import { turn } from '../device-twin.ts';
import type { TwinStore } from '../twin-store.ts';
import { Refused, type Request } from './request.ts';

const stateWord = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

/** `…/state/update`: a program says whether its device is `online`, `offline` or what else. */
export async function updateState(
  twins: TwinStore,
  device: DeviceId,
  { body }: Request,
  { receivedAt }: BusMessage,
): Promise<JsonObject> {
  const state = textAt(body, 'state');
  if (state === undefined || !stateWord.test(state))
    throw new Refused(400, 'state is not a word of at most 32 letters, digits, _ and -');
  if (!twins.get(device)) throw new Refused(404, `no device ${device} on this node`);
  await twins.update(device, (held) => held && turn(held, state.toLowerCase(), receivedAt));
  return { state: state.toLowerCase() };
}
