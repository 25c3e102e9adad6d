import { protocolVersion, type EdgeFrame, type HubFrame } from '@skerry/proto/frames';
import type { HeldVersion } from '@skerry/shared/change';
import { Digest } from '@skerry/shared/delivery/digest';
import type { NodeName } from '@skerry/shared/names';
import { keyOf, madeChange } from '@skerry/shared/testing/changes';

/**
 * The words of a transcript. `a@5` is the ConfigMap `default/a` at version 5; `#2` a seq.
 *
 * | Line                                   | Meaning                                                |
 * | -------------------------------------- | ------------------------------------------------------ |
 * | `cluster: writes a@5 …`                | what the node needs, at these versions                 |
 * | `cluster: deletes a@9`                 | and what it does not need any more                     |
 * | `edge: connects`                       | a new connection of the same node                      |
 * | `edge: hello a@5 … [epoch 2] [ahead 9]`| Hello of a node that holds this, of this epoch         |
 * | `edge: holds a@5 …`                    | Held, all of it                                        |
 * | `edge: acks #2`, `nacks #2 CODE`       | Ack, Nack                                              |
 * | `edge: reports 1`                      | a report with this id                                  |
 * | `api: accepts 1`, `api: refuses 1 CODE`| the API server has decided                             |
 * | `edge: beats`, `edge: says rubbish`    | Heartbeat; bytes that are no frame                     |
 * | `time: 31 s`                           | so much time passes                                    |
 * | `hub: …`                               | what the hub says, in order, and nothing else          |
 */
export const hubSpeaks = 'hub: ';

/** `a@5 b@6` */
export function versionsIn(words: readonly string[]): HeldVersion[] {
  return words
    .filter((word) => word.includes('@'))
    .map((word) => {
      const [name = '', at = ''] = word.split('@');
      return madeChange(name, BigInt(at));
    });
}

/** The number after a word, for example `epoch 2`. */
export function numberAfter(word: string, words: readonly string[]): number | undefined {
  const at = words.indexOf(word);
  return at < 0 ? undefined : Number(words[at + 1]);
}

/** What an edge says, from the words after `edge:`; undefined where it is no frame. */
export function edgeFrame(words: readonly string[], node: NodeName): EdgeFrame | undefined {
  const [verb = '', first = '', code = ''] = words;
  const seq = Number(first.slice(1));
  switch (verb) {
    case 'hello':
      return hello(words, node);
    case 'holds':
      return { type: 'held', objects: versionsIn(words).map(inWords), more: false };
    case 'acks':
      return { type: 'ack', seq };
    case 'nacks':
      return { type: 'nack', seq, code, reason: 'because' };
    case 'reports':
      return report(Number(first));
    case 'beats':
      return { type: 'heartbeat', sentMs: 7, unapplied: 0 };
    case 'leaves':
      return { type: 'goodbye', code: 'link.stopping', reason: 'the agent stops' };
    default:
      return undefined;
  }
}

function hello(words: readonly string[], node: NodeName): EdgeFrame {
  const held = versionsIn(words);
  const digest = new Digest();
  for (const member of held) digest.toggle(member);
  return {
    type: 'hello',
    protocol: numberAfter('protocol', words) ?? protocolVersion,
    node: words.includes('of') ? (words[words.indexOf('of') + 1] ?? '') : node,
    agentVersion: 'test',
    bootId: 'boot',
    digest: digest.bytes(),
    held: held.length,
    epoch: numberAfter('epoch', words) ?? 1,
    horizon: String(numberAfter('ahead', words) ?? 0),
  };
}

function report(id: number): EdgeFrame {
  const payload = new TextEncoder().encode('{}');
  return { type: 'report', id, class: 'event', key: keyOf('e'), payload, observedMs: 0 };
}

function inWords({ key, uid, version }: HeldVersion): {
  key: string;
  uid: string;
  version: string;
} {
  return { key, uid, version: String(version) };
}

/** What the hub said, as a line of a transcript without `hub: `. */
export function lineOf(frame: HubFrame): string {
  switch (frame.type) {
    case 'deliver':
      return `delivers #${frame.seq} ${frame.name}@${frame.version}${endOf(frame)}`;
    case 'heldRequest':
      return `asks what is held, in epoch ${frame.epoch}${frame.forget ? ', versions forgotten' : ''}`;
    case 'reportAck':
      return `acks report ${frame.id}`;
    case 'reportNack':
      return `nacks report ${frame.id} ${frame.code}`;
    case 'goodbye':
      return `says goodbye: ${frame.code}`;
    case 'heartbeat':
      return 'beats back';
    case 'tokenGrant':
      return `grants token ${frame.id}`;
    case 'tokenRefusal':
      return `refuses token ${frame.id} ${frame.code}`;
    case 'question':
      return `asks about ${frame.subject}`;
    case 'answer':
      return `answers question ${frame.id} ${frame.code}`;
    case 'welcome':
    case 'level':
      return frame.type;
  }
}

function endOf({ object, withdrawn }: Extract<HubFrame, { type: 'deliver' }>): string {
  if (object) return '';
  return withdrawn ? ' withdrawn' : ' deleted';
}
