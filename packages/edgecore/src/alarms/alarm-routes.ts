import type { AlertRule } from '@skerry/shared/alarms/alert-rule';
import { readSilence } from '@skerry/shared/alarms/read-rule';
import { EdgeError, UsageError, messageOf } from '@skerry/shared/errors';
import { readable, type Asked, type Route } from '@skerry/shared/health';
import { placeOf } from '@skerry/shared/place-of';
import type { Alarms } from './run-alarms.ts';

/** For people at the node: `/alerts`, `/alert-rules`, `/silences`, `/silences/<name>`. */
export function alarmRoutes(
  alarms: Alarms,
): Readonly<Record<'alerts' | 'alert-rules' | 'silences', Route>> {
  return {
    alerts: readable(() => alarms.alerts()),
    'alert-rules': readable(async () => (await alarms.rules()).map(shown)),
    silences: (asked) => silences(alarms, asked),
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

async function silences(alarms: Alarms, { method, rest, body }: Asked): Promise<unknown> {
  if (method === 'GET') {
    const all = await alarms.silences();
    return rest === '' ? all : all.find(({ name }) => name === rest);
  }
  if (rest === '') throw new UsageError('which silence? /silences/NAME');
  if (method === 'DELETE') return (await alarms.unsilence(rest)) ? { removed: rest } : undefined;
  const silence = parse(rest, body);
  await alarms.silence(silence);
  return silence;
}

function parse(name: string, body: string): ReturnType<typeof readSilence> {
  try {
    return readSilence({ metadata: { name }, spec: JSON.parse(body) as unknown });
  } catch (error) {
    if (error instanceof EdgeError || error instanceof SyntaxError)
      throw new UsageError(`not the spec of a Silence: ${messageOf(error)}`);
    throw error;
  }
}
