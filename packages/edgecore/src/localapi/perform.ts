import type { Verb } from '@skerry/apiserver/registry/resource';
import type { Answer } from '@skerry/apiserver/rest/answer';
import type { Call, ReadParts } from '@skerry/apiserver/rest/call';
import { get } from '@skerry/apiserver/rest/get';
import { list } from '@skerry/apiserver/rest/list';
import { watch } from '@skerry/apiserver/rest/watch';
import type { HeldView } from './held-view.ts';
import type { LocalParts } from './local-parts.ts';
import { podLog } from './pod-logs.ts';
import { writeCall } from './write-call.ts';

type Perform = (call: Call, verb: Verb) => Promise<Answer>;

const readers: Readonly<Partial<Record<Verb, (parts: ReadParts, call: Call) => Answer>>> = {
  get,
  list,
  watch,
};

/** Carries out what a user of the local API may do: it reads, and of writes takes those that make sense here. */
export function performer(parts: LocalParts, view: HeldView): Perform {
  const read = { ...parts, store: view };
  return async (call, verb) => {
    if (call.subresource?.name === 'log') return logOf(parts, view, call);
    const reader = readers[verb];
    if (reader) return reader(read, call);
    return writeCall({ ...parts, view }, call, verb);
  };
}

async function logOf({ runtimes, clock }: LocalParts, view: HeldView, call: Call): Promise<Answer> {
  const answer = get({ store: view }, call);
  if (answer.type !== 'object') return answer;
  const chunks = await podLog(runtimes, answer.held.parse(), call.query, clock.now());
  return { type: 'text', chunks };
}
