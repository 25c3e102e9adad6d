import { protocolVersion, type HubFrame } from '@skerry/proto/frames';
import { edgeQuestionWindow } from '@skerry/proto/questions';
import type { Change } from '@skerry/shared/change';
import { keyParts, type Seq } from '@skerry/shared/names';
import type { TraceContext } from '@skerry/shared/tracing/trace-context';
import type { SessionParts } from './session-parts.ts';

export function toFrame(
  seq: Seq,
  { key, uid, version, object, withdrawn = false }: Change,
  traceparent: TraceContext | undefined,
): HubFrame {
  return {
    type: 'deliver',
    seq,
    ...keyParts(key),
    uid,
    version: String(version),
    object,
    withdrawn,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** What the edge may do in this session. */
export function toWelcome({ id, limits, hubVersion, questions }: SessionParts): HubFrame {
  const { window, ...granted } = limits;
  return {
    type: 'welcome',
    protocol: protocolVersion,
    session: id,
    windowFrames: window.frames,
    windowBytes: window.bytes,
    ...granted,
    hubVersion,
    questionWindow: questions ? edgeQuestionWindow : 0,
  };
}
