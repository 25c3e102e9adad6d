import { protocolVersion, type Hello } from '@skerry/proto/frames';
import type { NodeName } from '@skerry/shared/names';
import type { CloseReason } from './close-reason.ts';

/** Why an edge is turned away at the door, in words that say what to do; undefined: it may come in. */
export function refusalOf(
  hello: Hello,
  node: NodeName,
): { readonly why: CloseReason; readonly reason: string } | undefined {
  if (hello.protocol !== protocolVersion)
    return {
      why: 'session.version',
      reason: `this hub speaks protocol ${protocolVersion}, the edge ${hello.protocol}; update the older of the two`,
    };
  if (hello.node !== node)
    return {
      why: 'session.wrong-node',
      reason: `the certificate names ${node}, the hello ${JSON.stringify(hello.node)}`,
    };
  return undefined;
}
