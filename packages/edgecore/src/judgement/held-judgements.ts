import type { JsonObject } from '@skerry/apiserver/json';
import { messageOf } from '@skerry/shared/errors';
import { keyParts, resourceName, type ResourceName } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { HeldObject, ObjectReader } from '../meta/object-reader.ts';
import { judgementSpec, type JudgementSpec } from './judgement-spec.ts';
import type { JudgementFiles } from './judgement-files.ts';

export const judgementsResource: ResourceName = resourceName('statusjudgements', 'edge.skerry.io');

/** A judgement to judge by, or one that cannot be judged by and why. */
export type Wanted =
  | { readonly do: 'judge'; readonly spec: JudgementSpec }
  | { readonly do: 'refuse'; readonly uid: string; readonly flaw: string };

/** What this node is to judge by now, by name: what the hub has placed here goes before files. */
export async function wantedJudgements(
  objects: ObjectReader,
  files: JudgementFiles,
): Promise<ReadonlyMap<string, Wanted>> {
  const wanted = new Map<string, Wanted>();
  for (const [name, spec] of await files.read()) wanted.set(name, { do: 'judge', spec });
  for (const held of await objects.list(judgementsResource))
    wanted.set(keyParts(held.key).name, readHeld(held));
  return wanted;
}

function readHeld({ object, uid }: HeldObject): Wanted {
  try {
    const json = parseJson(object) as JsonObject;
    return { do: 'judge', spec: judgementSpec(json, 'cluster') };
  } catch (error) {
    return { do: 'refuse', uid, flaw: messageOf(error) };
  }
}
